-- Grain: one row per identity among the facts.
-- A sum that the published figures claim, how far they are apart as published, and how far as
-- reconciled. Gaps are shares of the whole. Identities that are not enforced say why.
with

identities as (

    select * from {{ ref('tgt_identity') }}

),

parts as (

    select * from {{ ref('tgt_part') }}
    union all
    select * from {{ ref('tgt_sum') }}

),

reconciled as (

    select * from {{ ref('tgt_reconciled') }}

),

summed as (

    select
        parts.cell_key,
        parts.axis,
        fsum(parts.sign * reconciled.target_value order by parts.part_target_id) as parts_value

    from parts
    inner join reconciled on parts.part_target_id = reconciled.target_id
    group by parts.cell_key, parts.axis

),

compared as (

    select
        identities.identity_id,
        split_part(identities.measure_key, '|', 1) as entity,
        coalesce(nullif(split_part(identities.measure_key, '|', 2), ''), 'units') as measure,
        split_part(identities.measure_key, '|', 3) as part,
        split_part(identities.measure_key, '|', 4) as statistic,
        identities.conditions,
        identities.axis,
        identities.other_axis,
        identities.publisher,
        identities.whole_tables,
        identities.part_tables,
        identities.part_count,
        identities.is_national,
        identities.unenforced_reason is null as is_enforced,
        identities.unenforced_reason,
        identities.whole_value as published_whole,
        identities.parts_value as published_parts,
        identities.relative_gap as gap_before,
        coalesce(wholes.target_value, opposite.parts_value) as reconciled_whole,
        summed.parts_value as reconciled_parts,
        summed.parts_value
        / nullif(coalesce(wholes.target_value, opposite.parts_value), 0) - 1 as gap_after

    from identities
    inner join summed
        on
            identities.cell_key = summed.cell_key
            and identities.axis = summed.axis
    left outer join summed as opposite
        on
            identities.cell_key = opposite.cell_key
            and identities.other_axis = opposite.axis
    left outer join reconciled as wholes on identities.target_id = wholes.target_id

)

select * from compared
order by identity_id
