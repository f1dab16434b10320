-- Grain: one row per tax unit and copy of the Extended file.
-- What targets may ask of a tax unit, under the names that targets use: incomes from the Extended
-- file, amounts of law from the rules engine. SOI's credits include what of the refundable ones
-- offsets income tax, so they are taken off here down to zero; its total adds the NIIT. It is net,
-- too, of credits that no base can compute. Those of students and savers are claimed by as many
-- returns of the band as are published, chosen by a hash of the unit, and end some of their taxes;
-- those for foreign tax and home energy are taken off at the share of the band's tax that they are.
-- The rank of an income is the published share of returns that lie above its class, so that "the
-- richest percent" are the returns with as much income as its published floor, at any weights.
{%- set credits = ['education', 'saving'] %}
with

floors as (

    select
        adjusted_gross_income_floor,
        lag(return_share, 1, 0) over (order by return_share) as richer_return_share

    from {{ ref('params_return_floor') }}
    where calendar_year = {{ var('income_year') }}

),

floors_end as (

    select max(return_share) as widest_return_share
    from {{ ref('params_return_floor') }}
    where calendar_year = {{ var('income_year') }}

),

other_credits as (

    select
        adjusted_gross_income_lower,
        other_credits / income_tax_before_credits as tax_share

    from {{ ref('params_other_credit') }}
    where calendar_year = {{ var('income_year') }}

),

claimed_credits as (

    select
        {%- for credit in credits %}
            max(claim_share) filter (where credit = '{{ credit }}') as {{ credit }}_share,
            max(claim_amount) filter (where credit = '{{ credit }}') as {{ credit }}_amount,
        {%- endfor %}
        adjusted_gross_income_lower

    from {{ ref('params_claimed_credit') }}
    where calendar_year = {{ var('income_year') }}
    group by adjusted_gross_income_lower

),

taxed as (

    select
        rules.*,
        greatest(
            rules.income_tax_after_nonrefundable_credits
            - rules.net_investment_income_tax - rules.eitc - rules.ctc_refundable
            - coalesce(other_credits.tax_share, 0) * rules.income_tax_before_credits
            {%- for credit in credits %}
                - case
                    when
                        {{ hash_bucket("'" ~ credit ~ " ' || rules.tax_unit_id", 1000000) }}
                        < 1000000 * claimed_credits.{{ credit }}_share
                        then claimed_credits.{{ credit }}_amount
                    else 0
                end
            {%- endfor %},
            0
        ) as income_tax_after_credits

    from {{ ref('rul_tax_unit') }} as rules
    asof left join other_credits
        on rules.adjusted_gross_income >= other_credits.adjusted_gross_income_lower
    asof left join claimed_credits
        on rules.adjusted_gross_income >= claimed_credits.adjusted_gross_income_lower

),

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

        rules.above_the_line_deductions,
        rules.adjusted_gross_income,
        coalesce(floors.richer_return_share, floors_end.widest_return_share)
            as adjusted_gross_income_rank,
        unit.alimony_income,
        rules.alternative_minimum_tax,
        unit.self_employment_income + unit.farm_income as business_and_farm_income,
        rules.cdcc,
        cast(rules.is_itemizer as integer) * unit.charitable_cash as charitable_cash_donations,
        rules.charitable_deduction,
        cast(rules.is_itemizer as integer) * unit.charitable_non_cash
            as charitable_non_cash_donations,
        rules.eitc,
        unit.employment_income,
        unit.farm_income,
        rules.income_tax_after_credits,
        rules.income_tax_before_credits,
        rules.interest_deduction,
        unit.traditional_ira_contributions as ira_deduction,
        rules.itemized_deductions,
        rules.limited_state_and_local_taxes,
        rules.medical_expense_deduction,
        cast(rules.is_itemizer as integer) * unit.mortgage_interest as mortgage_interest_deduction,
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
        cast(rules.is_itemizer as integer) * unit.real_estate_taxes as real_estate_taxes,
        unit.rental_income,
        unit.self_employed_health_insurance as self_employed_health_insurance_deduction,
        unit.self_employed_pension_contributions as self_employed_pension_contribution_ald,
        unit.self_employment_income,
        rules.self_employment_tax,
        unit.social_security,
        rules.standard_deduction,
        unit.student_loan_interest as student_loan_interest_deduction,
        unit.tax_exempt_interest_income,
        rules.taxable_income,
        unit.taxable_interest_income,
        unit.taxable_ira_distributions,
        unit.taxable_pension_income,
        rules.taxable_social_security,
        rules.income_tax_after_credits + rules.net_investment_income_tax as total_income_tax,
        unit.total_pension_income,
        unit.unemployment_compensation

    from {{ ref('ext_tax_unit') }} as unit
    inner join taxed as rules on unit.tax_unit_id = rules.tax_unit_id
    asof left join floors on rules.adjusted_gross_income >= floors.adjusted_gross_income_floor
    cross join floors_end

)

select * from tax_units
