-- Grain: one row per published figure that is never fitted.
-- Typed as the door has checked it. No target and no weight is made from this: see who reads it.
with

benchmarks as (

    select * from {{ source('facts', 'benchmark') }}

),

typed as (

    select
        fact_id as benchmark_id,
        publisher,
        source_table,
        source_cell,
        citation_url,
        cast(period as integer) as period,  -- the public name -- noqa: RF04
        period_type,
        geography_level,
        geoid,
        entity,
        universe,
        variable,
        statistic,
        unit,
        coalesce(constraints, '') as constraints,  -- the public name -- noqa: RF04
        cast(value as double) as value,  -- the public name -- noqa: RF04
        cast(standard_error as double) as standard_error,
        vintage,
        assertion,
        note,
        seed_file,
        cast(seed_line as integer) as seed_line

    from benchmarks

)

select * from typed
