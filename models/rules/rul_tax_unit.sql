-- Grain: one row per tax unit and copy of the Extended file.
-- The face of the rules engine, and who files. A unit must file when its gross income reaches the
-- threshold of its status (or its net self-employment income 400 dollars); others file by a draw
-- that belongs to the unit, with a probability that depends on the strongest reason they have.
with

amounts as (

    select * from {{ ref('rul_tax_unit_amount') }}

),

units as (

    select
        *,
        employment_income
        + greatest(self_employment_income, 0)
        + greatest(farm_income, 0)
        + taxable_interest_income
        + qualified_dividend_income
        + non_qualified_dividend_income
        + greatest(coalesce(long_term_capital_gains, 0) + coalesce(short_term_capital_gains, 0), 0)
        + greatest(coalesce(rental_income, 0) + coalesce(partnership_s_corp_income, 0), 0)
        + taxable_ira_distributions
        + taxable_pension_income
        + unemployment_compensation
        + coalesce(alimony_income, 0) as gross_income_before_benefits,
        self_employment_income + farm_income as net_self_employment_income

    from {{ ref('ext_tax_unit') }}

),

reasons as (

    select
        units.tax_unit_id,
        units.dataset_id,
        units.household_id,
        units.copy_id,
        units.state_fips,
        units.design_weight,
        amounts.* exclude (tax_unit_id),  -- the star's own -- noqa: RF02
        case
            when
                units.gross_income_before_benefits + amounts.taxable_social_security
                >= thresholds.gross_income_threshold
                + thresholds.addition_65_plus * (
                    cast(units.age_head >= 65 as integer)
                    + coalesce(cast(units.age_spouse >= 65 as integer), 0)
                )
                or units.net_self_employment_income >= 400
                then 'required'
            when amounts.eitc + amounts.ctc_refundable > 0 then 'refundable_credit'
            when units.employment_income > 0 then 'withheld_tax'
            when
                units.gross_income_before_benefits > 0
                or units.net_self_employment_income < 0
                then 'other_income'
            else 'no_income'
        end as filing_reason

    from units
    inner join amounts on units.tax_unit_id = amounts.tax_unit_id
    inner join {{ ref('params_filing') }} as thresholds
        on
            units.income_year = thresholds.calendar_year
            and units.filing_status = thresholds.filing_status

),

filed as (

    select
        reasons.dataset_id,
        reasons.tax_unit_id,
        reasons.household_id,
        reasons.copy_id,
        reasons.state_fips,
        reasons.design_weight,
        reasons.filing_reason,
        take_up_draws.filing_uniform < take_up.probability as is_filer,
        reasons.itemized_deductions_if_itemizing > 0 as is_itemizer,

        reasons.above_the_line_deductions,
        reasons.additional_medicare_tax,
        reasons.adjusted_gross_income,
        reasons.alternative_minimum_tax,
        reasons.cdcc,
        cast(reasons.itemized_deductions_if_itemizing > 0 as integer)
        * reasons.charitable_deduction as charitable_deduction,
        reasons.ctc_nonrefundable,
        reasons.ctc_refundable,
        reasons.eitc,
        reasons.income_tax,
        -- Tax-Calculator's adds the taxes of earnings that are on the same form.
        reasons.income_tax_after_nonrefundable_credits
        - reasons.self_employment_tax
        - reasons.additional_medicare_tax as income_tax_after_nonrefundable_credits,
        reasons.income_tax_before_credits,
        cast(reasons.itemized_deductions_if_itemizing > 0 as integer)
        * reasons.interest_deduction as interest_deduction,
        reasons.itemized_deductions_if_itemizing as itemized_deductions,
        cast(reasons.itemized_deductions_if_itemizing > 0 as integer)
        * reasons.limited_state_and_local_taxes as limited_state_and_local_taxes,
        cast(reasons.itemized_deductions_if_itemizing > 0 as integer)
        * reasons.medical_expense_deduction as medical_expense_deduction,
        reasons.net_investment_income_tax,
        reasons.odc,
        reasons.payroll_tax,
        reasons.qualified_business_income_deduction,
        reasons.self_employment_tax,
        reasons.standard_deduction_if_not_itemizing as standard_deduction,
        reasons.taxable_income,
        reasons.taxable_social_security,
        reasons.rules_engine

    from reasons
    inner join {{ ref('params_filing_take_up') }} as take_up
        on reasons.filing_reason = take_up.filing_reason
    inner join {{ ref('rul_take_up_draw') }} as take_up_draws
        on reasons.tax_unit_id = take_up_draws.tax_unit_id

)

select * from filed
