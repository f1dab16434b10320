-- Grain: one row per active target, in the order of the matrix's rows.
-- A stratum is a set of conditions; an item is what is counted or summed in a stratum. The count
-- and the amount of one thing share an item, and its mean; a median is an item of its own, because
-- it asks of each unit on which side of the published value it lies.
with

targets as (

    select * from {{ ref('tgt_active') }}

),

constraints as (

    select * from {{ ref('tgt_constraint') }}

),

atoms as (

    select * from {{ ref('cal_atom') }}

),

conditioned as (

    select
        targets.target_id,
        list_sort(list(atoms.atom_id)) as atom_ids

    from targets
    inner join constraints on targets.target_id = constraints.target_id
    inner join atoms
        on
            targets.entity = atoms.entity
            and constraints.variable = atoms.variable
            and constraints.operator = atoms.operator
            and constraints.value_text is not distinct from atoms.value_text
            and constraints.lower_bound is not distinct from atoms.lower_bound
            and constraints.upper_bound is not distinct from atoms.upper_bound
    group by targets.target_id

),

described as (

    select
        targets.target_id,
        targets.entity,
        coalesce(conditioned.atom_ids, cast([] as integer[])) as atom_ids,
        coalesce(targets.unit_column, 'one') as measure,
        targets.part,
        targets.statistic,
        case when targets.statistic in ('mean', 'median') then targets.target_value end
            as centre,
        case when targets.statistic = 'median' then targets.target_value end as dividing_value

    from targets
    left outer join conditioned on targets.target_id = conditioned.target_id

),

numbered as (

    select
        cast(row_number() over (order by target_id) - 1 as integer) as target_index,
        target_id,
        cast(dense_rank() over (order by entity, atom_ids) as integer) as stratum_id,
        cast(
            dense_rank() over (order by entity, atom_ids, measure, part, dividing_value) as integer
        ) as item_id,
        entity,
        atom_ids,
        measure,
        part,
        statistic,
        centre

    from described

)

select * from numbered
