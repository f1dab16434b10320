-- Grain: one row per fact in force.
-- Whether this build aims at the fact, and if not, why: the first reason that applies. Of facts
-- that count the same, one of the build's year goes before one that was aged to it, then the
-- family's priority decides; the others stay, inactive.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

aged as (

    select * from {{ ref('tgt_aged') }}

),

definitions as (

    select * from {{ ref('tgt_definition') }}

),

families as (

    select * from {{ ref('params_target_family') }}

),

exclusions as (

    select * from {{ ref('params_target_exclusion') }}

),

period_types as (

    select * from {{ ref('params_target_period_type') }}

),

constraints as (

    select * from {{ ref('tgt_constraint') }}

),

topcodes as (

    select * from {{ ref('params_target_topcode') }}

),

finer_than_topcode as (

    select
        constraints.target_id,
        max(constraints.variable) as attribute_name,
        max(topcodes.topcode) as topcode

    from constraints
    inner join topcodes on constraints.variable = topcodes.variable
    where
        constraints.lower_bound > topcodes.topcode
        or constraints.upper_bound > topcodes.topcode
    group by constraints.target_id

),

judged as (

    select
        facts.target_id,
        definitions.definition_key,
        coalesce(families.source_priority, 100) as source_priority,
        aged.growth_factor is not null as is_aged,
        case
            when aged.unaged_reason is not null
                then aged.unaged_reason
            when facts.statistic not in ('amount', 'count', 'mean', 'median')
                then 'a ' || facts.statistic || ' is not fitted'
            when definitions.part = 'none'
                then 'no unit of any base carries ' || facts.variable
            when not coalesce(families.is_active, true)
                then families.reason
            when exclusions.reason is not null
                then exclusions.reason
            when finer_than_topcode.target_id is not null
                then
                    'surveys top-code ' || finer_than_topcode.attribute_name || ' at '
                    || cast(finer_than_topcode.topcode as integer)
            when
                not period_types.is_comparable
                and facts.period_type != coalesce(families.extra_period_type, '')
                then period_types.reason
        end as reason

    from facts
    inner join definitions on facts.target_id = definitions.target_id
    inner join aged on facts.target_id = aged.target_id
    inner join period_types on facts.period_type = period_types.period_type
    left outer join families on facts.target_family = families.target_family
    left outer join finer_than_topcode on facts.target_id = finer_than_topcode.target_id
    left outer join exclusions
        on
            facts.variable = exclusions.variable
            and facts.statistic = coalesce(exclusions.statistic, facts.statistic)

),

ranked as (

    select
        target_id,
        reason,
        first_value(target_id) over (
            partition by definition_key, reason is null
            order by is_aged, source_priority, target_id
        ) as preferred_target_id

    from judged

),

decided as (

    select
        target_id,
        reason is null and target_id = preferred_target_id as is_active,
        coalesce(
            reason,
            case
                when target_id != preferred_target_id
                    then 'counts the same as ' || preferred_target_id
            end
        ) as inactive_reason

    from ranked

)

select * from decided
