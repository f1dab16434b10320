-- Grain: one row per cell and column along which it can be cut.
-- Cells on one line agree in everything but their extent on one column. A published cell lies on
-- a line with its own extent; every cell spans the whole of the lines that start from it.
with

cells as (

    select * from {{ ref('tgt_cell') }}

),

extents as (

    select * from {{ ref('tgt_extent') }}

),

constraint_columns as (

    select * from {{ ref('codes_target_constraint') }}

),

geographies as (

    select * from {{ ref('codes_target_geography') }}

),

published as (

    select
        cells.cell_key,
        cells.target_id,
        cells.measure_key,
        cells.extents,
        extents.axis,
        extents.extent,
        extents.lower_bound,
        extents.upper_bound,
        extents.alternatives,
        replace(cells.extents, '; ' || extents.extent, '') as other_extents

    from cells
    inner join extents on cells.target_id = extents.target_id

),

-- The lines of an implied cell are those of the facts it was widened from.
implied as (

    select distinct
        cells.cell_key,
        cells.measure_key,
        remaining.axis,
        remaining.lower_bound,
        remaining.upper_bound,
        remaining.alternatives,
        replace(published.other_extents, '; ' || remaining.extent, '') as other_extents

    from published
    inner join cells
        on
            published.measure_key = cells.measure_key
            and published.other_extents = cells.extents
    inner join extents as remaining
        on
            published.target_id = remaining.target_id
            and published.axis != remaining.axis
    where cells.target_id is null

),

every_value as (

    select
        variable as axis,
        string_split(allowed_values, '|') as alternatives
    from constraint_columns
    where allowed_values is not null
    union all
    select
        'state_fips' as axis,
        list(geoid order by geoid) as alternatives
    from geographies
    where geography_level = 'state'

),

spanned as (

    select distinct
        md5(published.measure_key || published.other_extents) as cell_key,
        published.measure_key,
        published.axis,
        case when published.alternatives is null then cast('-inf' as double) end as lower_bound,
        case when published.alternatives is null then cast('inf' as double) end as upper_bound,
        case when published.alternatives is not null then every_value.alternatives end
            as alternatives,
        published.other_extents

    from published
    left outer join every_value on published.axis = every_value.axis

),

placed as (

    select
        cell_key,
        target_id,
        measure_key,
        axis,
        lower_bound,
        upper_bound,
        alternatives,
        other_extents
    from published
    union all
    select
        cell_key,
        cast(null as varchar) as target_id,
        measure_key,
        axis,
        lower_bound,
        upper_bound,
        alternatives,
        other_extents
    from implied
    union all
    select
        cell_key,
        cast(null as varchar) as target_id,
        measure_key,
        axis,
        lower_bound,
        upper_bound,
        alternatives,
        other_extents
    from spanned

),

lines as (

    select
        cell_key,
        target_id as part_target_id,
        axis,
        md5(measure_key || other_extents) as line_key,
        lower_bound,
        upper_bound,
        alternatives

    from placed

)

select * from lines
