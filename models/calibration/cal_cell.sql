-- Grain: one row per cell of one attribute of one kind of unit.
-- The ends of all bands on a number cut it into cells; the values that conditions name cut a text
-- into cells, with one more for every other value. A condition holds for a whole cell or for none
-- of it, so a unit needs to be placed in a cell only once.
with

atoms as (

    select * from {{ ref('cal_atom') }}

),

cuts as (

    select
        entity,
        variable,
        operator,
        cast(null as varchar) as value_text,
        cast('-inf' as double) as lower_bound
    from atoms
    where operator = 'in_band'
    union
    select
        entity,
        variable,
        operator,
        cast(null as varchar) as value_text,
        unnest([lower_bound, upper_bound]) as lower_bound
    from atoms
    where operator = 'in_band'
    union
    select
        entity,
        variable,
        operator,
        unnest(list_append(string_split(value_text, '|'), null)) as value_text,
        cast(null as double) as lower_bound
    from atoms
    where operator = '='

),

numbered as (

    select
        cast(
            row_number() over (
                order by entity, variable, lower_bound, value_text nulls first
            ) as integer
        ) as cell_id,
        entity,
        variable,
        value_text,
        lower_bound

    from cuts

    -- An open end of a band cuts nothing; a null text is the cell of every other value.
    where lower_bound is not null or operator = '='

),

judged as (

    select
        numbered.cell_id,
        numbered.entity,
        numbered.variable,
        numbered.value_text,
        numbered.lower_bound,
        coalesce(
            list(atoms.atom_id order by atoms.atom_id) filter (where atoms.atom_id is not null),
            cast([] as integer[])
        ) as met_atom_ids

    from numbered
    left outer join atoms
        on
            numbered.entity = atoms.entity
            and numbered.variable = atoms.variable
            and (
                list_contains(string_split(atoms.value_text, '|'), numbered.value_text)
                or (
                    numbered.lower_bound is not null
                    and numbered.lower_bound >= coalesce(atoms.lower_bound, numbered.lower_bound)
                    and (atoms.upper_bound is null or numbered.lower_bound < atoms.upper_bound)
                )
            )
    group by
        numbered.cell_id,
        numbered.entity,
        numbered.variable,
        numbered.value_text,
        numbered.lower_bound

)

select * from judged
