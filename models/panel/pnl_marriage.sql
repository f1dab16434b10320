-- Grain: one row per imputation, year of the aged panel and marriage known at its end.
-- All marriages ever, those that have ended too: the last year has everything.
{{ config(materialized='view') }}
with

marriages as (

    select * from {{ panel_rows('marriage.parquet', {
        'husband_id': 'bigint', 'wife_id': 'bigint', 'start_month': 'bigint',
        'end_month': 'bigint', 'ended_by': 'tinyint',
    }) }}

),

dated as (

    select
        *,
        {{ known_month('end_month') }} as ended

    from marriages

),

described as (

    select
        imputation,
        year as panel_year,
        husband_id as husband_person_id,
        wife_id as wife_person_id,
        cast(start_month // 12 as integer) as start_year,
        cast(start_month % 12 + 1 as integer) as start_month,
        cast(ended // 12 as integer) as end_year,
        cast(ended % 12 + 1 as integer) as end_month,
        -- Null while it lasts.
        [null, 'divorce', 'death'][ended_by + 1] as ended_by

    from dated

)

select * from described
