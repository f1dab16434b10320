-- Grain: one row per profile: the units that lie in the same cells.
-- Every condition that a profile meets, and every one it might meet because the attribute is not
-- known of its units.
with

units as (

    select * from {{ ref('cal_placement') }}

),

cells as (

    select * from {{ ref('cal_cell') }}

),

atoms as (

    select * from {{ ref('cal_atom') }}

),

households as (

    select * from {{ ref('cal_household_index') }}

),

counted as (

    select
        units.entity,
        units.cell_ids,
        count(*) as unit_count,
        fsum(households.initial_weight) as initial_weight

    from units
    inner join households on units.household_id = households.household_id
    group by units.entity, units.cell_ids

),

numbered as (

    select
        cast(row_number() over (order by entity, cell_ids) as integer) as profile_id,
        entity,
        cell_ids,
        unit_count,
        initial_weight

    from counted

),

listed as (

    select
        profile_id,
        unnest(cell_ids) as cell_id

    from numbered

),

known as (

    select
        listed.profile_id,
        cells.variable,
        cells.met_atom_ids

    from listed
    inner join cells on listed.cell_id = cells.cell_id

),

met as (

    select
        profile_id,
        list_sort(flatten(list(met_atom_ids))) as met_atom_ids,
        list(variable) as known_variables

    from known
    group by profile_id

),

open_conditions as (

    select
        numbered.profile_id,
        list(atoms.atom_id) as open_atom_ids

    from numbered
    left outer join met on numbered.profile_id = met.profile_id
    inner join atoms
        on
            numbered.entity = atoms.entity
            and not coalesce(list_contains(met.known_variables, atoms.variable), false)
    group by numbered.profile_id

),

judged as (

    select
        numbered.profile_id,
        numbered.entity,
        numbered.cell_ids,
        numbered.unit_count,
        numbered.initial_weight,
        coalesce(met.met_atom_ids, cast([] as integer[])) as met_atom_ids,
        list_sort(
            list_concat(
                coalesce(met.met_atom_ids, cast([] as integer[])),
                coalesce(open_conditions.open_atom_ids, cast([] as integer[]))
            )
        ) as possible_atom_ids

    from numbered
    left outer join met on numbered.profile_id = met.profile_id
    left outer join open_conditions on numbered.profile_id = open_conditions.profile_id

)

select * from judged
