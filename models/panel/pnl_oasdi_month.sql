-- Grain: one row per person and month that a benefit is asked for.
-- Of published examples the months that SSA gives a figure for.
with

examples as (

    select * from {{ ref('facts_ssa_example_benefit') }}

),

asked as (

    select
        worker_id as person_id,
        cast(benefit_year as integer) as benefit_year,
        cast(benefit_month as integer) as benefit_month

    from examples

)

select * from asked
order by person_id, benefit_year, benefit_month
