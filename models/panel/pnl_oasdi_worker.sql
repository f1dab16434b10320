-- Grain: one row per person whose Social Security benefit is computed.
-- So far the workers whose benefits SSA has published. A panel's persons join here as one more
-- `history_source`, and everything below computes them alike.
with

examples as (

    select * from {{ ref('facts_ssa_example_worker') }}

),

workers as (

    select
        worker_id as person_id,
        'ssa_example' as history_source,
        cast(birth_year as integer) as birth_year,
        cast(birth_month as integer) as birth_month,
        cast(birth_day as integer) as birth_day,
        cast(claim_year as integer) as claim_year,
        cast(claim_month as integer) as claim_month,
        cast(null as integer) as onset_year,
        cast(null as integer) as onset_month,
        cast(null as integer) as death_year,
        cast(null as integer) as death_month

    from examples

)

select * from workers
order by person_id
