-- Grain: one row per unit of any kind.
-- The cells that a unit's known attributes lie in. Only attributes that some condition mentions
-- are looked at; a null is in no cell, because unknown is not false.
with

cells as (

    select * from {{ ref('cal_cell') }}

),

constrained as (

    select distinct
        entity,
        variable

    from cells

),

units as (

    select
        'household' as entity,
        unit_id,
        household_id
    from {{ ref('cal_unit_household') }}
    union all
    select
        'person' as entity,
        unit_id,
        household_id
    from {{ ref('cal_unit_person') }}
    union all
    select
        'spm_unit' as entity,
        unit_id,
        household_id
    from {{ ref('cal_unit_spm_unit') }}
    union all
    select
        'tax_unit' as entity,
        unit_id,
        household_id
    from {{ ref('cal_unit_tax_unit') }}

),

attributes as (

    select * from {{ unit_long('household', 'varchar') }}
    union all
    select * from {{ unit_long('person', 'varchar') }}
    union all
    select * from {{ unit_long('spm_unit', 'varchar') }}
    union all
    select * from {{ unit_long('tax_unit', 'varchar') }}

),

mentioned as (

    select
        attributes.entity,
        attributes.unit_id,
        constrained.variable,
        attributes.attribute_value as value_text

    from attributes
    inner join constrained
        on
            attributes.entity = constrained.entity
            and attributes.attribute = constrained.variable

),

-- Far fewer values than units: each is placed once, and units are joined to their values.
distinct_values as (

    select distinct
        entity,
        variable,
        value_text,
        try_cast(value_text as double) as value_number

    from mentioned

),

placed_values as (

    select
        distinct_values.entity,
        distinct_values.variable,
        distinct_values.value_text,
        max(cells.cell_id) as cell_id

    from distinct_values
    inner join cells
        on
            distinct_values.entity = cells.entity
            and distinct_values.variable = cells.variable
            and (
                distinct_values.value_number >= cells.lower_bound
                or (
                    cells.lower_bound is null
                    and coalesce(distinct_values.value_text = cells.value_text, true)
                )
            )
    group by distinct_values.entity, distinct_values.variable, distinct_values.value_text

),

placed as (

    select
        mentioned.entity,
        mentioned.unit_id,
        placed_values.cell_id

    from mentioned
    inner join placed_values
        on
            mentioned.entity = placed_values.entity
            and mentioned.variable = placed_values.variable
            and mentioned.value_text = placed_values.value_text

),

gathered as (

    select
        entity,
        unit_id,
        list_sort(list(cell_id)) as cell_ids

    from placed
    group by entity, unit_id

),

completed as (

    select
        units.entity,
        units.unit_id,
        units.household_id,
        coalesce(gathered.cell_ids, cast([] as integer[])) as cell_ids

    from units
    left outer join gathered
        on
            units.entity = gathered.entity
            and units.unit_id = gathered.unit_id

)

select * from completed
