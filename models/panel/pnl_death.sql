-- Grain: one row per imputation, year and person of the aged panel who died in it.
-- With the base year come the late spouses of its widowed, whenever they died.
{{ config(materialized='view') }}
with

dead as (

    select * from {{ panel_rows('dead.parquet', {
        'person_id': 'bigint', 'birth_month': 'bigint', 'is_female': 'boolean',
        'marital': 'tinyint', 'lifetime_earnings': 'double', 'death_month': 'bigint',
        'base_weight': 'double', 'weight': 'double',
    }) }}

),

described as (

    select
        imputation,
        year as panel_year,
        person_id,
        cast(birth_month // 12 as integer) as birth_year,
        is_female,
        ['single', 'married', 'widowed', 'divorced'][marital + 1] as marital_status,
        lifetime_earnings,
        cast(death_month // 12 as integer) as death_year,
        cast(death_month % 12 + 1 as integer) as death_month,
        base_weight,
        weight as panel_weight

    from dead

)

select * from described
