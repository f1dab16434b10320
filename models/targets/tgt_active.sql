-- Grain: one row per fact that this build aims at.
-- The loss block is a geography level times a family; the loss scale is the published value, with
-- a floor of a small share of the block's median and of one unit: a target of zero has a scale too.
-- The value is the reconciled one; `tgt_reconciled` says how it came from the published figure.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

statuses as (

    select * from {{ ref('tgt_status') }}

),

definitions as (

    select * from {{ ref('tgt_definition') }}

),

families as (

    select * from {{ ref('params_target_family') }}

),

anchors as (

    select * from {{ ref('tgt_anchor') }}

),

reconciled as (

    select * from {{ ref('tgt_reconciled') }}

),

rules as (

    select * from {{ ref('params_target_rule') }}

),

limits as (

    select max(value) filter (where rule = 'loss_scale_floor_share') as floor_share
    from rules

),

active as (

    select
        facts.target_id,
        definitions.target_label,
        facts.publisher,
        facts.source_table,
        facts.citation_url,
        facts.target_family,
        facts.period,
        facts.geography_level,
        facts.geoid,
        facts.entity,
        facts.universe,
        facts.variable,
        facts.statistic,
        facts.unit,
        definitions.all_constraints,
        definitions.unit_column,
        definitions.part,
        reconciled.target_value,
        facts.standard_error,
        facts.vintage,
        facts.assertion,
        facts.geography_level || '/' || facts.target_family as loss_block,
        coalesce(families.loss_weight, 1) as family_loss_weight,
        reconciled.identity_group as holdout_group,
        anchors.target_id is not null as is_anchor

    from facts
    inner join statuses on facts.target_id = statuses.target_id
    inner join definitions on facts.target_id = definitions.target_id
    inner join reconciled on facts.target_id = reconciled.target_id
    left outer join families on facts.target_family = families.target_family
    left outer join anchors on facts.target_id = anchors.target_id
    where statuses.is_active

),

scaled as (

    select
        active.target_id,
        active.target_label,
        active.publisher,
        active.source_table,
        active.citation_url,
        active.target_family,
        active.period,
        active.geography_level,
        active.geoid,
        active.entity,
        active.universe,
        active.variable,
        active.statistic,
        active.unit,
        active.all_constraints,
        active.unit_column,
        active.part,
        active.target_value,
        active.standard_error,
        active.vintage,
        active.assertion,
        active.loss_block,
        active.family_loss_weight,
        active.holdout_group,
        greatest(
            abs(active.target_value),
            limits.floor_share
            * median(abs(active.target_value)) over (
                partition by active.loss_block, active.unit
            ),
            coalesce(active.standard_error, 0),
            1
        ) as loss_scale,
        active.is_anchor

    from active
    cross join limits

)

select * from scaled
