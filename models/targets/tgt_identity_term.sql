-- Grain: one row per enforced identity and fact in it.
-- The identities as a sparse matrix: whole less parts is zero. The whole of an implied cell is the
-- sum of its other parts.
with

identities as (

    select * from {{ ref('tgt_identity') }}
    where unenforced_reason is null

),

parts as (

    select * from {{ ref('tgt_part') }}
    union all
    select * from {{ ref('tgt_sum') }}

),

terms as (

    select
        identity_id,
        target_id,
        1 as coefficient
    from identities
    where target_id is not null
    union all
    select
        identities.identity_id,
        parts.part_target_id as target_id,
        parts.sign as coefficient
    from identities
    inner join parts
        on
            identities.cell_key = parts.cell_key
            and identities.other_axis = parts.axis
    union all
    select
        identities.identity_id,
        parts.part_target_id as target_id,
        -parts.sign as coefficient
    from identities
    inner join parts
        on
            identities.cell_key = parts.cell_key
            and identities.axis = parts.axis

),

collected as (

    select
        identity_id,
        target_id,
        cast(sum(cast(coefficient as integer)) as integer) as coefficient

    from terms
    group by identity_id, target_id
    having sum(cast(coefficient as integer)) != 0

)

select * from collected
