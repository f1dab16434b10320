-- Grain: one row per fight between two sets of fitted facts.
-- Facts that agree on variable, statistic, level and family, and pull in one direction, are a set;
-- two sets fight where they pull the same households in opposite directions.
with

found as (

    select * from {{ ref('val_conflict_draft') }}

),

described as (

    select
        conflict_rank,
        first_name,
        first_direction,
        first_target_ids,
        first_error,
        first_error_alone,
        second_name,
        second_direction,
        second_target_ids,
        second_error,
        second_error_alone,
        price,
        overlap,
        household_count,
        sentence

    from found

)

select * from described
order by conflict_rank
