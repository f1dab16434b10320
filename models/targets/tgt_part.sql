-- Grain: one row per cell, column along which it is cut, and published part.
-- The parts of a cell on a line are the largest published cells inside it. Together they are the
-- cell if they leave nothing open and share nothing. Sums of several variables, declared in
-- `params_target_sum`, are cut along `variable`.
with

lines as (

    select * from {{ ref('tgt_line') }}

),

inside as (

    select
        wholes.cell_key,
        wholes.axis,
        wholes.lower_bound as whole_lower_bound,
        wholes.upper_bound as whole_upper_bound,
        wholes.alternatives as whole_alternatives,
        parts.part_target_id,
        parts.lower_bound,
        parts.upper_bound,
        parts.alternatives

    from lines as wholes
    inner join lines as parts
        on
            wholes.line_key = parts.line_key
            and wholes.axis = parts.axis
    where
        parts.part_target_id is not null
        and (
            (
                parts.lower_bound >= wholes.lower_bound
                and parts.upper_bound <= wholes.upper_bound
                and (
                    parts.lower_bound > wholes.lower_bound
                    or parts.upper_bound < wholes.upper_bound
                )
            )
            or (
                list_has_all(wholes.alternatives, parts.alternatives)
                and length(wholes.alternatives) > length(parts.alternatives)
            )
        )

),

-- A band lies in a larger one if one that begins no later ends no earlier.
largest_bands as (

    select *
    from inside
    where alternatives is null
    qualify
        upper_bound > coalesce(
            max(upper_bound) over (
                partition by cell_key, axis
                order by lower_bound, -upper_bound
                rows between unbounded preceding and 1 preceding
            ),
            cast('-inf' as double)
        )

),

largest_sets as (

    select inside.*
    from inside
    anti join inside as larger
        on
            inside.cell_key = larger.cell_key
            and inside.axis = larger.axis
            and length(larger.alternatives) > length(inside.alternatives)
            and list_has_all(larger.alternatives, inside.alternatives)
    where inside.alternatives is not null

),

adjoined as (

    select
        *,
        coalesce(
            lower_bound = lag(upper_bound) over (
                partition by cell_key, axis order by lower_bound
            ),
            lower_bound = whole_lower_bound
        )
        and (
            upper_bound = whole_upper_bound
            or lead(lower_bound) over (
                partition by cell_key, axis order by lower_bound
            ) is not null
        ) as is_adjoined

    from largest_bands

),

counted as (

    select
        *,
        length(flatten(list(alternatives) over (partition by cell_key, axis)))
            as alternative_count,
        list_distinct(flatten(list(alternatives) over (partition by cell_key, axis)))
            as distinct_alternatives

    from largest_sets

),

parts as (

    select
        cell_key,
        axis,
        part_target_id,
        1 as sign,
        case
            when not bool_and(is_adjoined) over (partition by cell_key, axis)
                then 'the published bands leave a gap or overlap'
        end as open_reason
    from adjoined
    union all
    select
        cell_key,
        axis,
        part_target_id,
        1 as sign,
        case
            when length(distinct_alternatives) < length(whole_alternatives)
                then
                    'no figure for '
                    || length(whole_alternatives) - length(distinct_alternatives)
                    || ' of ' || length(whole_alternatives) || ' values'
            when alternative_count > length(whole_alternatives) then 'the published parts overlap'
        end as open_reason
    from counted

)

select * from parts
