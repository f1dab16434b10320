-- Grain: one row per imputation and year of the aged panel.
-- Which panel it is, what it was made from, and what each year cost.
with

manifest as (

    select * from {{ panel_rows('manifest.json', {
        'panel': 'varchar', 'release': 'varchar', 'scenario': 'varchar', 'reform': 'varchar',
        'seed': 'bigint',
    }, []) }}

),

partitions as (

    select * from {{ panel_rows('partition.json', {
        'tables': 'json', 'seconds': 'double', 'peak_bytes': 'bigint',
    }) }}

),

described as (

    select
        manifest.panel,
        partitions.imputation,
        partitions.year as panel_year,
        manifest.scenario,
        manifest.reform,
        manifest.seed,
        manifest.release as base_release,
        cast(partitions.tables ->> '$.person.row_count' as bigint) as person_count,
        partitions.seconds,
        partitions.peak_bytes

    from partitions
    cross join manifest

)

select * from described
order by imputation, panel_year
