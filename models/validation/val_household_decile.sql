-- Grain: one row per household and stage of the weights.
-- The decile of household money income in which the middle of a household's weight lies.
with

staged as (

    select
        household_id,
        household_money_income,
        unnest(['initial_weight', 'calibrated_weight']) as weight_stage,
        unnest([initial_weight, calibrated_weight]) as weight

    from {{ ref('household') }}
    where household_money_income is not null

),

ranked as (

    select
        *,
        fsum(weight) over below - weight / 2 as middle,
        fsum(weight) over (partition by weight_stage) as population

    from staged
    where weight > 0
    window
        below as (
            partition by weight_stage
            order by household_money_income, household_id
            rows unbounded preceding
        )

),

deciles as (

    select
        household_id,
        weight_stage,
        weight,
        cast(least(floor(10 * middle / population), 9) as integer) + 1 as decile

    from ranked

)

select * from deciles
