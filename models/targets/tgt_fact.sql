-- Grain: one row per fact in force.
-- The facts as they stand, or as they stood at the end of the day `var('targets_as_of')`.
{%- if var('targets_as_of') -%}
    {%- set as_of = "cast('" ~ var('targets_as_of') ~ "' as date) + interval 1 day" -%}
{%- else -%}
    {%- set as_of = "cast('infinity' as timestamp)" -%}
{%- endif %}
with

versions as (

    select * from {{ ref('snap_fact') }}

),

in_force as (

    select
        fact_id as target_id,
        publisher,
        source_table,
        source_cell,
        citation_url,
        target_family,
        period,
        period_type,
        geography_level,
        geoid,
        entity,
        universe,
        variable,
        statistic,
        unit,
        constraints,
        value,
        standard_error,
        vintage,
        assertion,
        note,
        seed_file,
        seed_line,
        cast(dbt_valid_from as timestamp) as in_force_from

    from versions
    where
        dbt_valid_from < {{ as_of }}
        and (dbt_valid_to is null or dbt_valid_to >= {{ as_of }})

)

select * from in_force
