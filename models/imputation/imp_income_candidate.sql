-- Grain: one row per income, tax unit of the base records and copy, with what it reported or would
-- receive. Its band is that of the adjusted gross income it would have, with the part of Social
-- Security that becomes taxable (IRC 86) and half of the self-employment tax off, and of other
-- incomes what was told: receipts that come first move it (`steelyard.impute.receipts`). Who is
-- like those who reported the income is likelier to have missed it: the propensity is the share of
-- reporters among units of the same age, family, wages and benefits, drawn to the share of all.
-- Units count as people of their age are counted in the state, where a survey has fewer; a state
-- has its part of the published receipts: its units, at what its returns have beside the nation's.
{%- set cell = [
    'records.income', 'records.copy_id', 'records.age // 5', 'records.is_couple', 'records.n_dependents > 0',
    'records.employment_income > 0', 'records.social_security > 0',
] | join(', ') %}
with

told_ages as (

    select
        households.state_fips,
        coalesce(persons.age, persons.age_lower) >= 65 as is_old,
        fsum(persons.person_weight order by persons.person_id) as person_count

    from {{ base_records('person') }} as persons
    inner join {{ base_records('household') }} as households
        on persons.household_id = households.household_id
    group by households.state_fips, is_old

),

ages as (

    select
        told_ages.state_fips,
        told_ages.is_old,
        case
            when told_ages.is_old then population.population_65_and_over
            else population.population - population.population_65_and_over
        end / told_ages.person_count as people_per_person_told

    from told_ages
    inner join {{ ref('params_population_age') }} as population
        on
            told_ages.state_fips = population.state_fips
            and population.calendar_year = {{ var('income_year') }} - 1

),

records as (

    select
        records.* replace (
            records.design_weight * coalesce(ages.people_per_person_told, 1) as design_weight
        )

    from {{ ref('imp_income_record') }} as records
    left outer join ages
        on records.state_fips = ages.state_fips and (records.age >= 65) = ages.is_old

),

published as (

    select
        bands.income,
        bands.adjusted_gross_income_lower,
        bands.return_count * counts.growth as return_count,
        bands.amount * amounts.growth as amount

    from {{ ref('params_return_income') }} as bands
    inner join {{ grown_series() }} as counts on bands.count_series = counts.series
    inner join {{ grown_series() }} as amounts on bands.amount_series = amounts.series
    where bands.calendar_year = {{ var('income_year') }} - 1

),

state_units as (

    select
        records.income,
        records.state_fips,
        fsum(records.design_weight order by records.tax_unit_id)
        / any_value(states.all_return_count) as units_per_return

    from records
    inner join {{ ref('params_return_income_state') }} as states
        on
            records.income = states.income
            and records.state_fips = states.state_fips
            and states.calendar_year = {{ var('income_year') }} - 1
    where records.copy_id = 1
    group by records.income, records.state_fips

),

national as (

    select
        income,
        fsum(return_count order by adjusted_gross_income_lower) as return_count,
        fsum(amount order by adjusted_gross_income_lower) as amount

    from published
    group by income

),

states as (

    select
        state_units.income,
        state_units.state_fips,
        national.return_count
        * state_units.units_per_return * told.return_count
        / fsum(state_units.units_per_return * told.return_count) over nation as return_count,
        national.amount
        * state_units.units_per_return * told.amount
        / fsum(state_units.units_per_return * told.amount) over nation as amount

    from state_units
    inner join {{ ref('params_return_income_state') }} as told
        on
            state_units.income = told.income
            and state_units.state_fips = told.state_fips
            and told.calendar_year = {{ var('income_year') }} - 1
    inner join national on state_units.income = national.income
    window
        nation as (
            partition by state_units.income
            order by state_units.state_fips
            rows between unbounded preceding and unbounded following
        )

),

rates as (

    select
        income,
        fsum(design_weight * cast(is_donor as integer) order by tax_unit_id)
        / fsum(design_weight order by tax_unit_id) as reported_share

    from records
    where copy_id = 1
    group by income

),

candidates as (

    select
        records.income,
        not records.is_recipient as is_reported,
        records.dataset_id,
        records.tax_unit_id,
        records.copy_id,
        records.household_id,
        records.state_fips,
        records.design_weight,
        records.filing_status,
        records.social_security,
        records.other_income_on_return,
        records.exempt_interest,
        coalesce(records.amount, 0) as told_amount,
        coalesce(records.gross_amount, 0) as told_gross_amount,
        if(records.is_recipient, draws.amount, records.amount) as amount,
        if(records.is_recipient, draws.gross_amount, records.gross_amount) as gross_amount,
        draws.imputation_run_id,
        (
            sum(cast(records.is_donor as integer)) over cells
            + 50 * rates.reported_share
        ) / (count(*) over cells + 50) as propensity

    from records
    inner join rates on records.income = rates.income
    left outer join {{ ref('imp_income_draw') }} as draws
        on
            records.income = draws.income
            and records.tax_unit_id = draws.tax_unit_id
            and records.copy_id = draws.copy_id
    window cells as (partition by {{ cell }})

),

countable as (

    select
        candidates.*,
        case
            when candidates.income = 'self_employment_income'
                then candidates.amount * (1 - rules.self_employment_tax_share / 2)
            else candidates.amount
        end as amount_on_return,
        candidates.other_income_on_return + amount_on_return as income_before_benefits,
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
        counted.copy_id,
        counted.household_id,
        counted.design_weight,
        counted.told_amount,
        counted.told_gross_amount,
        counted.amount,
        counted.gross_amount,
        counted.propensity,
        counted.imputation_run_id,
        counted.amount_on_return,
        counted.income_before_benefits,
        counted.exempt_interest,
        counted.social_security,
        counted.base_amount,
        counted.adjusted_base_amount,
        published.adjusted_gross_income_lower,
        published.return_count,
        published.amount as published_amount,
        counted.state_fips,
        states.return_count as state_return_count,
        states.amount as state_amount

    from counted
    asof inner join published
        on
            counted.income = published.income
            and counted.adjusted_gross_income >= published.adjusted_gross_income_lower
    left outer join states
        on counted.income = states.income and counted.state_fips = states.state_fips

)

select * from banded
