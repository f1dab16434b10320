-- Grain: one row per control and household with a nonzero contribution.
-- What calibration must not move: the base survey's own poverty rate and Gini of household money
-- income, as sums that are zero under initial weights. Poverty: poor persons less the rate times
-- persons. Gini: its derivative with respect to a household's weight, times total income:
-- y (2F - 1 - G) + mean (1 - G - 2L), with rank F and Lorenz ordinate L under initial weights
-- (Deville 1999, Survey Methodology 25). No published rate is fitted.
with

households as (

    select
        indexed.household_index,
        indexed.initial_weight,
        recorded.household_money_income as income,
        recorded.household_size as person_count

    from {{ ref('cal_household_index') }} as indexed
    inner join {{ ref('ext_household') }} as recorded
        on indexed.household_id = recorded.household_id

),

families as (

    select
        indexed.household_index,
        sum(recorded.family_size) filter (where recorded.is_poor) as poor_person_count

    from {{ ref('ext_family') }} as recorded
    inner join {{ ref('cal_household_index') }} as indexed
        on recorded.household_id = indexed.household_id
    group by indexed.household_index

),

ranked as (

    select
        households.household_index,
        households.initial_weight,
        households.income,
        households.person_count,
        coalesce(families.poor_person_count, 0) as poor_person_count,
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
    left outer join families on households.household_index = families.household_index
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
        fsum(initial_weight * person_count order by household_index) as person_count,
        fsum(initial_weight * poor_person_count order by household_index) as poor_person_count,
        fsum(initial_weight * income * (2 * income_rank - 1) order by household_index)
        / fsum(initial_weight * income order by household_index) as gini

    from ranked

),

contributions as (

    select
        'official_poverty_rate' as control_name,
        ranked.household_index,
        ranked.poor_person_count
        - ranked.person_count * totals.poor_person_count / totals.person_count
            as value,  -- the public name -- noqa: RF04
        totals.poor_person_count as total

    from ranked
    cross join totals
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
