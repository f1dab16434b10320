-- Grain: one row per fact in force and column that its conditions name.
-- How far a fact reaches on one column: a band [lower, upper) or a set of alternatives. Several
-- conditions on one column are met together. On a column of whole numbers `age < 1` and `age = 0`
-- are the same band, and a lower end at the least value is open.
with

constraints as (

    select * from {{ ref('tgt_constraint') }}

),

integers as (

    select * from {{ ref('params_target_integer') }}

),

bands as (

    select
        target_id,
        variable as axis,
        max(coalesce(lower_bound, cast('-inf' as double))) as lower_bound,
        min(coalesce(upper_bound, cast('inf' as double))) as upper_bound

    from constraints
    where operator = 'in_band'
    group by target_id, variable

),

rounded as (

    select
        bands.target_id,
        bands.axis,
        case
            when integers.axis is null then bands.lower_bound
            when ceil(bands.lower_bound) <= integers.lowest then cast('-inf' as double)
            else ceil(bands.lower_bound)
        end as lower_bound,
        case
            when integers.axis is null then bands.upper_bound
            else ceil(bands.upper_bound)
        end as upper_bound

    from bands
    left outer join integers on bands.axis = integers.axis

),

allowed as (

    select
        target_id,
        variable as axis,
        unnest(string_split(value_text, '|')) as alternative,
        count(*) over (partition by target_id, variable) as clause_count

    from constraints
    where operator = '='

),

common as (

    select
        target_id,
        axis,
        alternative

    from allowed
    group by target_id, axis, alternative, clause_count
    having count(*) = clause_count

),

sets as (

    select
        target_id,
        axis,
        list(alternative order by alternative) as alternatives

    from common
    group by target_id, axis

),

extents as (

    select
        target_id,
        axis,
        lower_bound,
        upper_bound,
        cast(null as varchar[]) as alternatives,
        axis || ' [' || lower_bound || ', ' || upper_bound || ')' as extent
    from rounded
    union all
    select
        target_id,
        axis,
        cast(null as double) as lower_bound,
        cast(null as double) as upper_bound,
        alternatives,
        axis || ' = ' || array_to_string(alternatives, '|') as extent
    from sets

)

select * from extents
