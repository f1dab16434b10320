-- Grain: one row per fact that this build aims at.
-- The loss block is a geography level times a family; the loss scale is the published value, with
-- a floor of a small share of the block's median and of one unit: a target of zero has a scale too.
-- Facts of one column at one geography level are connected by sums (bands, statuses, sibling
-- tables, gains with losses, counts with amounts): they form one group, and are held out together
-- or not at all. Anchors are never held out.
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

    select * from {{ ref('params_target_anchor') }}

),

rules as (

    select * from {{ ref('params_target_rule') }}

),

limits as (

    select
        max(value) filter (where rule = 'holdout_share') as holdout_share,
        max(value) filter (where rule = 'loss_scale_floor_share') as floor_share

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
        facts.value as target_value,
        facts.standard_error,
        facts.vintage,
        facts.assertion,
        facts.geography_level || '/' || facts.target_family as loss_block,
        coalesce(families.loss_weight, 1) as family_loss_weight,
        facts.geography_level
        || '/'
        || coalesce(definitions.unit_column, facts.variable) as holdout_group,
        anchors.variable is not null as is_anchor

    from facts
    inner join statuses on facts.target_id = statuses.target_id
    inner join definitions on facts.target_id = definitions.target_id
    left outer join families on facts.target_family = families.target_family
    left outer join anchors on facts.variable = anchors.variable
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
        not active.is_anchor
        and {{ hash_bucket('active.holdout_group', 1000) }} < limits.holdout_share * 1000
            as is_holdout

    from active
    cross join limits

)

select * from scaled
