-- Grain: one row per active target.
-- What the base supports: how many households bear on the target, what it is before calibration,
-- and whether it is fitted, held out or left aside. A level's share of the loss is spread over its
-- blocks by the families' weights, a block's over its fitted targets; a target on which few
-- households bear weighs less.
with

targets as (

    select * from {{ ref('tgt_active') }}

),

target_index as (

    select * from {{ ref('cal_target_index') }}

),

constraints as (

    select * from {{ ref('tgt_constraint') }}

),

coverage as (

    select * from {{ ref('cal_coverage') }}

),

geographies as (

    select * from {{ ref('params_target_geography') }}

),

rules as (

    select * from {{ ref('params_target_rule') }}

),

limits as (

    select
        max(value) filter (where rule = 'support_at_least') as support_at_least,
        max(value) filter (where rule = 'full_weight_support') as full_weight_support,
        max(value) filter (where rule = 'undetermined_at_most') as undetermined_at_most,
        max(value) filter (where rule = 'reach_at_most') as reach_at_most

    from rules

),

estimated as (

    select
        matrix.target_index,
        count(*) as support_count,
        fsum(
            matrix.value * households.initial_weight order by matrix.household_index
        ) as initial_estimate

    from {{ ref('cal_matrix') }} as matrix
    inner join {{ ref('cal_household_index') }} as households
        on matrix.household_index = households.household_index
    group by matrix.target_index

),

-- The share of the stratum's weight of which an unknown attribute leaves open whether it belongs.
opened as (

    select
        memberships.stratum_id,
        coalesce(
            fsum(profiles.initial_weight order by profiles.profile_id)
            filter (where not memberships.is_certain)
            / fsum(profiles.initial_weight order by profiles.profile_id),
            0
        ) as open_share

    from {{ ref('cal_membership') }} as memberships
    inner join {{ ref('cal_profile') }} as profiles
        on memberships.profile_id = profiles.profile_id
    group by memberships.stratum_id

),

asked as (

    select
        targets.target_id,
        targets.entity,
        constraints.variable
    from targets
    inner join constraints on targets.target_id = constraints.target_id
    union
    select
        target_id,
        entity,
        unit_column as variable  -- noqa: RF04
    from targets
    where unit_column is not null

),

unknown as (

    select
        asked.target_id,
        string_agg(distinct asked.variable, ', ' order by asked.variable) as unknown_variables

    from asked
    left outer join coverage
        on
            asked.entity = coverage.entity
            and asked.variable = coverage.attribute
    cross join limits
    where coalesce(coverage.known_share, 0) < 1 - limits.undetermined_at_most
    group by asked.target_id

),

supported as (

    select
        targets.target_id,
        target_index.target_index,
        coalesce(estimated.support_count, 0) as support_count,
        coalesce(estimated.initial_estimate, 0) as initial_estimate,
        coalesce(opened.open_share, 0) as undetermined_share,
        least(coalesce(estimated.support_count, 0) / limits.full_weight_support, 1)
            as support_share,
        case
            when unknown.unknown_variables is not null
                then 'the base does not carry ' || unknown.unknown_variables
            when opened.open_share > limits.undetermined_at_most
                then
                    'for ' || cast(round(100 * opened.open_share, 1) as varchar)
                    || ' % of the weight an unknown attribute leaves it open'
            when coalesce(estimated.support_count, 0) < limits.support_at_least
                then
                    coalesce(estimated.support_count, 0) || ' households bear on it'
            when
                estimated.initial_estimate / nullif(targets.target_value, 0)
                not between 1 / limits.reach_at_most and limits.reach_at_most
                then
                    'the base has ' || format(
                        '{:.2g}', estimated.initial_estimate / targets.target_value
                    ) || ' times the fact: another concept, not another weight'
        end as unsupported_reason

    from targets
    inner join target_index on targets.target_id = target_index.target_id
    left outer join estimated on target_index.target_index = estimated.target_index
    left outer join opened on target_index.stratum_id = opened.stratum_id
    left outer join unknown on targets.target_id = unknown.target_id
    cross join limits

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
        targets.loss_block,
        targets.loss_scale,
        case
            when supported.unsupported_reason is not null then 'unsupported'
            when targets.is_holdout then 'held_out'
            else 'fitted'
        end as target_role,
        supported.support_share,
        targets.family_loss_weight,
        coalesce(geographies.loss_share, 0) as level_loss_share

    from targets
    inner join supported on targets.target_id = supported.target_id
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
        cast_in_roles.loss_block,
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
