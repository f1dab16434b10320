-- Grain: one row per active target.
-- How far initial and calibrated weights land from each published fact, and what the target costs:
-- its shadow price is the change of the least loss per unit of the target.
with

targets as (

    select * from {{ ref('cal_target') }}

),

solved as (

    select
        position as target_index,
        max(number) filter (where part = 'estimate') as calibrated_estimate,
        max(number) filter (where part = 'shadow_price') as shadow_price

    from {{ ref('cal_solution') }}
    where part in ('estimate', 'shadow_price')
    group by position

),

achieved as (

    select
        targets.*,
        solved.calibrated_estimate,
        targets.initial_estimate / nullif(targets.target_value, 0) - 1 as initial_relative_error,
        solved.calibrated_estimate / nullif(targets.target_value, 0) - 1
            as calibrated_relative_error,
        solved.shadow_price

    from targets
    inner join solved on targets.target_index = solved.target_index

)

select * from achieved
