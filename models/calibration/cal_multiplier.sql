-- Grain: one row per target and control of the problem.
-- How hard each pulls on households, for those who ask what a problem like this one would give.
with

multipliers as (

    select
        position,
        name as pull_name,
        number as multiplier

    from {{ ref('cal_solution') }}
    where part = 'multiplier'

)

select * from multipliers
