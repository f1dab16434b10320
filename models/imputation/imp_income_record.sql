-- Grain: one row per income that the base hears of too seldom and tax unit of the base records.
-- Who has it gives its amount; who has not may receive one. All are seen as copy 1 is, whose
-- interest, dividends, gains, partnerships and top wages are drawn: by what is on its return but
-- for this income. Only of a base without amounts of persons: elsewhere a unit's amount is its
-- persons'.
{%- set incomes = [
    'self_employment_income', 'taxable_ira_distributions', 'taxable_pension_income',
] %}
with

told_by_persons as (

    select distinct dataset_id from {{ ref('int_person') }}
    where taxable_interest_income is not null

),

tax_units as (

    select * from {{ base_records('tax_unit') }}
    where dataset_id not in (select told_by_persons.dataset_id from told_by_persons)

),

split as (

    pivot {{ ref('params_capital_income_share') }}
    on component in ('tax_exempt_interest')
    using max(share)
    group by calendar_year

),

units as (

    select
        tax_units.* replace (
            tax_units.employment_income * draws.wage_factor as employment_income
        ),
        draws.drawn_capital_income,
        draws.drawn_partnership_income as partnership_income,
        tax_units.employment_income * draws.wage_factor
        + tax_units.self_employment_income
        + tax_units.farm_income
        + draws.drawn_capital_income * (1 - split.tax_exempt_interest)
        + greatest(draws.drawn_gains, -3000)
        + draws.drawn_partnership_income
        + tax_units.taxable_ira_distributions
        + tax_units.taxable_pension_income
        + tax_units.unemployment_compensation
        + tax_units.alimony_income as income_on_return,
        draws.drawn_capital_income * split.tax_exempt_interest as exempt_interest

    from tax_units
    inner join {{ ref('imp_drawn_income') }} as draws
        on tax_units.tax_unit_id = draws.tax_unit_id and draws.copy_id = 1
    inner join split on tax_units.income_year = split.calendar_year

),

records as (
    {% for income in incomes %}
        select
            '{{ income }}' as income,
            {{ income }} > 0 as is_donor,
            dataset_id,
            tax_unit_id,
            household_id,
            1 as copy_id,
            state_fips,
            design_weight,
            filing_status,
            greatest(age_head, coalesce(age_spouse, 0)) as age,
            cast(filing_status = 'joint' as integer) as is_couple,
            n_dependents,
            employment_income,
            social_security,
            drawn_capital_income as interest_dividend_income,
            income_on_return - greatest({{ income }}, 0) as other_income_on_return,
            exempt_interest,
            partnership_income,
            case when {{ income }} > 0 then {{ income }} end as amount,
            case
                when {{ income }} > 0
                    then {{ 'total_pension_income' if 'pension' in income else income }}
            end as gross_amount
        from units
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from records
