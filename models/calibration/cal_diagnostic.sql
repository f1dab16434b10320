-- Grain: one row per setting of the solver and per thing it says of its answer.
with

solution as (

    select * from {{ ref('cal_solution') }}

),

diagnostics as (

    select
        name,
        number,
        words

    from solution
    where part = 'diagnostic'

)

select * from diagnostics
order by name
