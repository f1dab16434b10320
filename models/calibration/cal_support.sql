-- Grain: one row per active target.
-- What the base supports: how many households bear on the target, what it is before calibration,
-- and why the base cannot estimate it, if it cannot.
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

summed as (

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

-- A mean's row, and a median's, is a relative error: see `cal_matrix`.
estimated as (

    select
        target_index.target_index,
        summed.support_count,
        summed.initial_estimate,
        case
            when target_index.centre is null
                then summed.initial_estimate / nullif(targets.target_value, 0)
            else 1 + summed.initial_estimate
        end as times_the_fact

    from summed
    inner join target_index on summed.target_index = target_index.target_index
    inner join targets on target_index.target_id = targets.target_id

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
        unit_column as variable  -- the public name -- noqa: RF04
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
                estimated.times_the_fact
                not between 1 / limits.reach_at_most and limits.reach_at_most
                then
                    'the base has ' || format('{:.2g}', estimated.times_the_fact)
                    || ' times the fact: another concept, not another weight'
        end as unsupported_reason

    from targets
    inner join target_index on targets.target_id = target_index.target_id
    left outer join estimated on target_index.target_index = estimated.target_index
    left outer join opened on target_index.stratum_id = opened.stratum_id
    left outer join unknown on targets.target_id = unknown.target_id
    cross join limits

)

select * from supported
