-- Grain: one row per measure and state, of measures that three quarters of the states carry.
-- What was published for a state beside ours under both weights, and its civilian population, so
-- that maps and per-head comparisons need no other table. A measure is what is asked of every
-- state: a variable, a statistic, and the constraints other than the state's own.
with

facts as (

    select
        *,
        concat_ws(
            '/', target_family, variable, statistic,
            nullif(regexp_replace(all_constraints, '(; )?state_fips = [0-9]+', ''), '')
        ) as measure_id,
        regexp_replace(all_constraints, '(; )?state_fips = [0-9]+', '') as other_constraints

    from {{ ref('target') }}
    where
        geography_level = 'state'
        and statistic in ('amount', 'count')

),

residents as (

    select
        geoid,
        target_value as residents

    from facts
    where variable = 'civilian_population' and other_constraints = ''

),

compared as (

    select
        facts.measure_id,
        facts.geoid,
        facts.target_family,
        facts.variable,
        facts.statistic,
        facts.other_constraints,
        facts.unit,
        facts.target_role,
        facts.published_value,
        facts.initial_estimate,
        facts.calibrated_estimate,
        facts.support_count,
        residents.residents

    from facts
    inner join residents on facts.geoid = residents.geoid
    where
        facts.target_role in ('fitted', 'held_out')
        and facts.published_value != 0
    qualify count(*) over (partition by facts.measure_id) >= 39

)

select * from compared
