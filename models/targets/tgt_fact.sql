-- Grain: one row per fact in force.
-- The facts of the sets in `var('target_sets')`, as they stand, or as they stood at the end of the
-- day, or at the time, `var('targets_as_of')`. A family without a set belongs to `core`.
{{- refuse_unknown_past(ref('snap_fact')) }}
{{- refuse_unknown_set(ref('params_target_set')) }}
{%- set sets_asked = "'" ~ var('target_sets') | join("', '") ~ "'" %}
with

versions as (

    select * from {{ ref('snap_fact') }}

),

sets as (

    select * from {{ ref('params_target_set') }}

),

asked as (

    select {{ targets_as_of() }} as moment

),

in_force as (

    select
        versions.fact_id as target_id,
        versions.publisher,
        versions.source_table,
        versions.source_cell,
        versions.citation_url,
        versions.target_family,
        versions.period,
        versions.period_type,
        versions.geography_level,
        versions.geoid,
        versions.entity,
        versions.universe,
        versions.variable,
        versions.statistic,
        versions.unit,
        versions.constraints,
        versions.value,
        versions.standard_error,
        versions.vintage,
        versions.assertion,
        versions.note,
        versions.seed_file,
        versions.seed_line,
        cast(versions.dbt_valid_from as timestamp) as in_force_from

    from versions
    cross join asked
    left outer join sets on versions.target_family = sets.target_family
    where
        versions.dbt_valid_from < asked.moment
        and (versions.dbt_valid_to is null or versions.dbt_valid_to >= asked.moment)
        and coalesce(sets.target_set, 'core') in ({{ sets_asked }})

)

select * from in_force
