-- Grain: one row per income that the base hears of too seldom, tax unit of the base records and
-- copy: copy 1, which stands for all that follow, and copy 0 of what nobody told and the base's
-- producer imputed. Who has the income gives its amount; who has not may receive one, and in copy 1
-- everybody may have another than was imputed. All are seen as the copy is, with its interest,
-- dividends, gains, partnerships and top wages: by what is on its return but for this income.
-- Only of a base without amounts of persons: elsewhere a unit's amount is its persons'.
{%- set incomes = [
    'self_employment_income', 'taxable_ira_distributions', 'taxable_pension_income',
] %}
{%- set imputed_before = 'taxable_ira_distributions' %}
with

told_by_persons as (

    select distinct dataset_id from {{ ref('int_person') }}
    where taxable_interest_income is not null

),

tax_units as (

    select * from {{ base_records('tax_unit') }}
    where dataset_id not in (select told_by_persons.dataset_id from told_by_persons)

),

units as (

    select
        tax_units.* replace (
            tax_units.employment_income * draws.wage_factor as employment_income
        ),
        draws.copy_id,
        draws.drawn_capital_income,
        draws.exempt_interest,
        draws.income_on_return + coalesce(partnerships.partnership_income, 0) as income_on_return

    from tax_units
    inner join {{ ref('imp_drawn_income') }} as draws
        on tax_units.tax_unit_id = draws.tax_unit_id and draws.copy_id <= 1
    left outer join {{ ref('imp_partnership') }} as partnerships
        on
            draws.tax_unit_id = partnerships.tax_unit_id
            and draws.copy_id = partnerships.copy_id

),

records as (
    {% for income in incomes %}
        select
            '{{ income }}' as income,
            {{ income }} > 0 as is_donor,
            {{ income }} <= 0 or {{ income == imputed_before }} and copy_id = 1 as is_recipient,
            dataset_id,
            tax_unit_id,
            household_id,
            copy_id,
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
            case when {{ income }} > 0 then {{ income }} end as amount,
            case
                when {{ income }} > 0
                    then {{ 'total_pension_income' if 'pension' in income else income }}
            end as gross_amount
        from units
        where copy_id = 1 or {{ income == imputed_before }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from records
