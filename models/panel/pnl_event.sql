-- Grain: one row per imputation, year, event and group of persons that it was aligned in.
-- How many events were wanted, how many happened, and what the chances had to be moved by.
{{ config(materialized='view') }}
with

events as (

    select * from {{ panel_rows('event.parquet', {
        'event': 'varchar', 'group': 'varchar', 'wanted': 'double', 'happened': 'double',
        'factor': 'double',
    }) }}

),

compared as (

    select
        imputation,
        year as panel_year,
        event,
        "group" as event_group,
        wanted,
        happened,
        happened / nullif(wanted, 0) - 1 as relative_error,
        case when isfinite(factor) then factor end as alignment_factor

    from events

)

select * from compared
