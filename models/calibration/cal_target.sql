-- Grain: one row per active target.
-- Whether the target is fitted, held out or left aside, and its share of the loss. A level's share
-- of the loss is spread over its blocks by the families' weights, a block's over its fitted
-- targets; a target on which few households bear weighs less. The row of a mean or a median is a
-- relative error (`cal_matrix`), which is to be zero.
with

targets as (

    select * from {{ ref('tgt_active') }}

),

supported as (

    select * from {{ ref('cal_support') }}

),

holdouts as (

    select * from {{ ref('cal_holdout') }}

),

geographies as (

    select * from {{ ref('params_target_geography') }}

),

cast_in_roles as (

    select
        targets.target_id,
        supported.target_index,
        targets.target_label,
        targets.publisher,
        targets.source_table,
        targets.citation_url,
        targets.target_family,
        targets.period,
        targets.geography_level,
        targets.geoid,
        targets.entity,
        targets.variable,
        targets.statistic,
        targets.unit,
        targets.all_constraints,
        targets.target_value,
        supported.initial_estimate,
        supported.support_count,
        supported.undetermined_share,
        supported.unsupported_reason,
        targets.holdout_group,
        holdouts.holdout_set,
        targets.loss_block,
        if(targets.statistic in ('mean', 'median'), 0, targets.target_value) as row_target,
        if(targets.statistic in ('mean', 'median'), 1, targets.loss_scale) as loss_scale,
        case
            when supported.unsupported_reason is not null then 'unsupported'
            when holdouts.holdout_set is not null then 'held_out'
            else 'fitted'
        end as target_role,
        supported.support_share,
        targets.family_loss_weight,
        coalesce(geographies.loss_share, 0) as level_loss_share

    from targets
    inner join supported on targets.target_id = supported.target_id
    inner join holdouts on targets.target_id = holdouts.target_id
    left outer join geographies on targets.geography_level = geographies.geography_level

),

blocks as (

    select
        loss_block,
        geography_level,
        max(family_loss_weight) as family_loss_weight,
        fsum(support_share order by target_id) as support_share

    from cast_in_roles
    where target_role = 'fitted'
    group by loss_block, geography_level

),

levels as (

    select
        geography_level,
        fsum(family_loss_weight order by loss_block) as family_loss_weight

    from blocks
    group by geography_level

),

weighed as (

    select
        cast_in_roles.target_id,
        cast_in_roles.target_index,
        cast_in_roles.target_label,
        cast_in_roles.publisher,
        cast_in_roles.source_table,
        cast_in_roles.citation_url,
        cast_in_roles.target_family,
        cast_in_roles.period,
        cast_in_roles.geography_level,
        cast_in_roles.geoid,
        cast_in_roles.entity,
        cast_in_roles.variable,
        cast_in_roles.statistic,
        cast_in_roles.unit,
        cast_in_roles.all_constraints,
        cast_in_roles.target_value,
        cast_in_roles.initial_estimate,
        cast_in_roles.support_count,
        cast_in_roles.undetermined_share,
        cast_in_roles.unsupported_reason,
        cast_in_roles.holdout_group,
        cast_in_roles.holdout_set,
        cast_in_roles.loss_block,
        cast_in_roles.row_target,
        cast_in_roles.loss_scale,
        cast_in_roles.target_role,
        case
            when cast_in_roles.target_role = 'fitted'
                then
                    cast_in_roles.level_loss_share
                    * blocks.family_loss_weight
                    / levels.family_loss_weight
                    * cast_in_roles.support_share
                    / blocks.support_share
            else 0
        end as loss_weight

    from cast_in_roles
    left outer join blocks on cast_in_roles.loss_block = blocks.loss_block
    left outer join levels on cast_in_roles.geography_level = levels.geography_level

)

select * from weighed
