-- Grain: one row per income and tax unit of the base records, with what it reported or would
-- receive. Its band is that of the adjusted gross income it would have, with the part of Social
-- Security that becomes taxable (IRC 86) and half of the self-employment tax off. Who is like those
-- who reported the income is likelier to have missed it: the propensity is the share of reporters
-- among units of the same age, family, wages and benefits, drawn to the share of all.
{%- set cell = [
    'records.income', 'records.age // 5', 'records.is_couple', 'records.n_dependents > 0',
    'records.employment_income > 0', 'records.social_security > 0',
] | join(', ') %}
with

records as (

    select * from {{ ref('imp_income_record') }}

),

grown as (

    select
        series,
        max(value) filter (where period = {{ var('income_year') }})
        / max(value) filter (where period = {{ var('income_year') }} - 1) as growth

    from {{ ref('params_growth_factor') }}
    group by series

),

published as (

    select
        bands.income,
        bands.adjusted_gross_income_lower,
        bands.return_count * counts.growth as return_count,
        bands.amount * amounts.growth as amount

    from {{ ref('params_return_income') }} as bands
    inner join grown as counts on bands.count_series = counts.series
    inner join grown as amounts on bands.amount_series = amounts.series
    where bands.calendar_year = {{ var('income_year') }} - 1

),

rates as (

    select
        income,
        fsum(design_weight * cast(is_donor as integer) order by tax_unit_id)
        / fsum(design_weight order by tax_unit_id) as reported_share

    from records
    group by income

),

candidates as (

    select
        records.income,
        records.is_donor as is_reported,
        records.dataset_id,
        records.tax_unit_id,
        records.household_id,
        records.design_weight,
        records.filing_status,
        records.social_security,
        records.other_income_on_return,
        records.exempt_interest,
        records.partnership_income,
        coalesce(records.amount, draws.amount) as amount,
        coalesce(records.gross_amount, draws.gross_amount) as gross_amount,
        draws.imputation_run_id,
        (
            sum(cast(records.is_donor as integer)) over cells
            + 50 * rates.reported_share
        ) / (count(*) over cells + 50) as propensity

    from records
    inner join rates on records.income = rates.income
    left outer join {{ ref('imp_income_draw') }} as draws
        on records.income = draws.income and records.tax_unit_id = draws.tax_unit_id
    window cells as (partition by {{ cell }})

),

countable as (

    select
        candidates.*,
        candidates.other_income_on_return
        + case
            when candidates.income = 'self_employment_income'
                then
                    candidates.amount * (1 - rules.self_employment_tax_share / 2)
                    - least(greatest(candidates.partnership_income, 0), candidates.amount)
                    * cast(not candidates.is_reported as integer)
            else candidates.amount
        end as income_before_benefits,
        rules.base_amount,
        rules.adjusted_base_amount

    from candidates
    inner join {{ ref('params_benefit_taxation') }} as rules
        on candidates.filing_status = rules.filing_status

),

tested as (

    select
        *,
        greatest(
            income_before_benefits + exempt_interest + social_security / 2 - base_amount, 0
        ) as above_base,
        greatest(
            income_before_benefits + exempt_interest + social_security / 2 - adjusted_base_amount, 0
        ) as above_adjusted_base

    from countable

),

counted as (

    select
        *,
        income_before_benefits
        + least(
            0.85 * social_security,
            0.85 * above_adjusted_base
            + least(above_base, adjusted_base_amount - base_amount, social_security) / 2
        ) as adjusted_gross_income

    from tested

),

banded as (

    select
        counted.income,
        counted.is_reported,
        counted.dataset_id,
        counted.tax_unit_id,
        cast(1 as bigint) as copy_id,
        counted.household_id,
        counted.design_weight,
        counted.amount,
        counted.gross_amount,
        counted.propensity,
        counted.imputation_run_id,
        published.adjusted_gross_income_lower,
        published.return_count,
        published.amount as published_amount

    from counted
    asof inner join published
        on
            counted.income = published.income
            and counted.adjusted_gross_income >= published.adjusted_gross_income_lower

)

select * from banded
