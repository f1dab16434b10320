-- Grain: one row per active target.
-- Which targets are kept out of the fit, to judge it by. Targets that identities connect are held
-- out together, since one alone would be what the others leave; anchors never are.
-- The permanent set is a tenth of the targets that the base supports: whole groups, in the order
-- of a hash of their names, until the tenth is full. A group so large that it would fill the tenth
-- is left in. `var('holdout')` adds a family, a state with its anchors, or one of five folds of
-- the groups that remain; `single` instead holds out targets one by one.
{{- refuse_unknown_holdout() }}
{%- set holdout = var('holdout') if var('holdout') is mapping else {} %}
{%- set kind = holdout.keys() | first | default('none') %}
{%- set chosen = holdout.values() | first | default('') %}
with

targets as (

    select * from {{ ref('tgt_active') }}

),

supported as (

    select * from {{ ref('cal_support') }}
    where unsupported_reason is null

),

rules as (

    select * from {{ ref('params_target_rule') }}

),

limits as (

    select
        max(value) filter (where rule = 'holdout_share') as holdout_share,
        max(value) filter (where rule = 'holdout_group_share_at_most') as group_share_at_most

    from rules

),

judged as (

    select
        targets.target_id,
        targets.target_family,
        targets.geography_level,
        targets.geoid,
        targets.holdout_group,
        targets.is_anchor

    from targets
    inner join supported on targets.target_id = supported.target_id

),

groups as (

    select
        holdout_group,
        count(*) as target_count

    from judged
    where not is_anchor
    group by holdout_group

),

counted as (

    select count(*) as supported_count
    from judged

),

filled as (

    select
        groups.holdout_group,
        groups.target_count,
        groups.target_count <= limits.group_share_at_most * counted.supported_count
        and sum(groups.target_count) filter (
            where groups.target_count <= limits.group_share_at_most * counted.supported_count
        ) over by_hash - groups.target_count / 2
        < limits.holdout_share * counted.supported_count as is_permanent

    from groups
    cross join limits
    cross join counted
    window by_hash as (
        order by md5(groups.holdout_group)
        rows between unbounded preceding and current row
    )

),

-- Five folds of about the same number of targets, from the groups that are not held out anyway.
folded as (

    select
        holdout_group,
        is_permanent,
        case
            when not is_permanent
                then 1 + floor(
                    5 * (
                        sum(target_count) over (
                            partition by is_permanent
                            order by md5('fold' || holdout_group)
                            rows between unbounded preceding and current row
                        ) - target_count / 2
                    ) / sum(target_count) over (partition by is_permanent)
                )
        end as fold

    from filled

),

held_out as (

    select
        targets.target_id,
        case
            when '{{ kind }}' = 'single'
                then
                    case
                        when
                            not targets.is_anchor
                            and {{ hash_bucket('targets.target_id', 10000) }}
                            < 10000 * try_cast('{{ chosen }}' as double)
                            then 'single'
                    end
            when
                '{{ kind }}' = 'state'
                and targets.geography_level = 'state'
                and targets.geoid = '{{ chosen }}'
                then 'state {{ chosen }}'
            when targets.is_anchor then null
            when '{{ kind }}' = 'family' and targets.target_family = '{{ chosen }}'
                then 'family {{ chosen }}'
            when
                '{{ kind }}' = 'fold'
                and folded.fold = try_cast('{{ chosen }}' as integer)
                then 'fold {{ chosen }}'
            when folded.is_permanent then 'permanent'
        end as holdout_set

    from targets
    left outer join folded on targets.holdout_group = folded.holdout_group

)

select * from held_out
