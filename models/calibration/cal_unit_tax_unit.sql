-- Grain: one row per tax unit and copy of the Extended file.
-- What targets may ask of a tax unit, under the names that targets use: incomes from the Extended
-- file, amounts of law from the rules engine. SOI's credits include what of the refundable ones
-- offsets income tax, so they are taken off here down to zero; its total adds the NIIT.
with

tax_units as (

    select
        unit.household_id,
        unit.tax_unit_id as unit_id,
        unit.state_fips,
        unit.filing_status,
        rules.is_filer,
        rules.is_itemizer as itemizes,
        unit.eitc_children,
        unit.n_dependents,

        rules.adjusted_gross_income,
        unit.alimony_income,
        rules.alternative_minimum_tax,
        unit.self_employment_income + unit.farm_income as business_and_farm_income,
        rules.charitable_deduction,
        rules.eitc,
        unit.employment_income,
        unit.farm_income,
        greatest(
            rules.income_tax_after_nonrefundable_credits
            - rules.net_investment_income_tax - rules.eitc - rules.ctc_refundable,
            0
        ) as income_tax_after_credits,
        rules.income_tax_before_credits,
        rules.interest_deduction,
        rules.itemized_deductions,
        rules.limited_state_and_local_taxes,
        rules.medical_expense_deduction,
        greatest(
            coalesce(unit.long_term_capital_gains, 0)
            + coalesce(unit.short_term_capital_gains, 0)
            + coalesce(unit.capital_gain_distributions, 0),
            -3000
        ) as net_capital_gains,
        rules.ctc_nonrefundable + rules.odc as non_refundable_ctc,
        unit.qualified_dividend_income + unit.non_qualified_dividend_income
            as ordinary_dividend_income,
        unit.partnership_s_corp_income,
        rules.qualified_business_income_deduction,
        unit.qualified_dividend_income,
        unit.rental_income,
        unit.self_employment_income,
        rules.self_employment_tax,
        unit.social_security,
        rules.standard_deduction,
        unit.tax_exempt_interest_income,
        rules.taxable_income,
        unit.taxable_interest_income,
        unit.taxable_ira_distributions,
        unit.taxable_pension_income,
        rules.taxable_social_security,
        greatest(
            rules.income_tax_after_nonrefundable_credits
            - rules.net_investment_income_tax - rules.eitc - rules.ctc_refundable,
            0
        ) + rules.net_investment_income_tax as total_income_tax,
        unit.total_pension_income,
        unit.unemployment_compensation

    from {{ ref('ext_tax_unit') }} as unit
    inner join {{ ref('rul_tax_unit') }} as rules on unit.tax_unit_id = rules.tax_unit_id

)

select * from tax_units
