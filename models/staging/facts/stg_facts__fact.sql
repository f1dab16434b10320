-- Grain: one row per published fact.
-- Typed as the door has checked it. One file is one target family: the facts that are weighed
-- together. `period` and `value` keep the names they have in the files.
with

facts as (

    select * from {{ source('facts', 'fact') }}

),

typed as (

    select
        fact_id,
        publisher,
        source_table,
        source_cell,
        citation_url,
        regexp_replace(seed_file, '^seeds/facts/|\.csv$', '', 'g') as target_family,
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

    from facts

)

select * from typed
