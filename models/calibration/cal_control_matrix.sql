-- Grain: one row per control and household with a nonzero contribution.
-- What calibration must not move: the base survey's own poverty rates, of all and by age, and Gini
-- of household money income, as sums that are zero under initial weights. Poverty: poor persons
-- less the rate times persons. Gini: its derivative with respect to a household's weight, times
-- total income: y (2F - 1 - G) + mean (1 - G - 2L), with rank F and Lorenz ordinate L under
-- initial weights (Deville 1999, Survey Methodology 25). No published rate is fitted.
with

households as (

    select
        indexed.household_index,
        indexed.initial_weight,
        recorded.household_money_income as income

    from {{ ref('cal_household_index') }} as indexed
    inner join {{ ref('ext_household') }} as recorded
        on indexed.household_id = recorded.household_id

),

people as (

    select
        indexed.household_index,
        indexed.initial_weight,
        coalesce(person.age, person.age_lower) as age,
        families.is_poor

    from {{ ref('ext_person') }} as person
    inner join {{ ref('cal_household_index') }} as indexed
        on person.household_id = indexed.household_id
    inner join {{ ref('ext_family') }} as families on person.family_id = families.family_id
    where families.is_poor is not null

),

grouped as (

    select
        people.*,
        'official_poverty_rate' as control_name
    from people
    union all
    select
        people.*,
        'official_poverty_rate_' || ages.age_group as control_name
    from people
    inner join {{ ref('codes_age_group') }} as ages
        on
            people.age >= ages.lower_age
            and (people.age < ages.upper_age or ages.upper_age is null)
    where ages.grouping = 'person'

),

counted as (

    select
        control_name,
        household_index,
        any_value(initial_weight) as initial_weight,
        count(*) as person_count,
        count(*) filter (where is_poor) as poor_person_count

    from grouped
    group by control_name, household_index

),

rated as (

    select
        control_name,
        fsum(initial_weight * poor_person_count order by household_index) as poor_person_count,
        fsum(initial_weight * person_count order by household_index) as person_count

    from counted
    group by control_name

),

ranked as (

    select
        households.household_index,
        households.initial_weight,
        households.income,
        (
            fsum(households.initial_weight) over poorer
            - households.initial_weight / 2
        ) / fsum(households.initial_weight) over everybody as income_rank,
        (
            fsum(households.initial_weight * households.income) over poorer
            - households.initial_weight * households.income / 2
        ) / fsum(households.initial_weight * households.income) over everybody
            as lorenz_ordinate

    from households
    window
        poorer as (
            order by households.income, households.household_index
            rows between unbounded preceding and current row
        ),
        everybody as (
            order by households.income, households.household_index
            rows between unbounded preceding and unbounded following
        )

),

totals as (

    select
        fsum(initial_weight * income order by household_index) as income,
        fsum(initial_weight * income order by household_index)
        / fsum(initial_weight order by household_index) as mean_income,
        fsum(initial_weight * income * (2 * income_rank - 1) order by household_index)
        / fsum(initial_weight * income order by household_index) as gini

    from ranked

),

contributions as (

    select
        counted.control_name,
        counted.household_index,
        counted.poor_person_count
        - counted.person_count * rated.poor_person_count / rated.person_count
            as value,  -- the public name -- noqa: RF04
        rated.poor_person_count as total

    from counted
    inner join rated on counted.control_name = rated.control_name
    union all
    select
        'gini_household_income' as control_name,
        ranked.household_index,
        ranked.income * (2 * ranked.income_rank - 1 - totals.gini)
        + totals.mean_income * (1 - totals.gini - 2 * ranked.lorenz_ordinate)
            as value,  -- the public name -- noqa: RF04
        totals.income as total

    from ranked
    cross join totals

)

select * from contributions
where value != 0
