-- Grain: one row per group of facts that was held out as a whole.
-- Whether weights came nearer to what they were not told: errors of each group's supported facts
-- under initial and calibrated weights.
with

targets as (

    select
        *,
        abs(initial_relative_error) as initial_error,
        abs(calibrated_relative_error) as calibrated_error

    from {{ ref('target') }}
    where target_role = 'held_out' and target_value != 0

),

groups as (

    select
        holdout_group,
        count(distinct target_family) as family_count,
        min(target_family) as target_family,
        string_agg(distinct variable, ', ' order by variable) as variable_names,
        count(*) as target_count,
        count(*) filter (where support_count >= 30) as supported_count,
        median(initial_error) filter (where support_count >= 30) as initial_median_error,
        median(calibrated_error) filter (where support_count >= 30) as calibrated_median_error,
        quantile_cont(initial_error, 0.9) filter (where support_count >= 30)
            as initial_p90_error,
        quantile_cont(calibrated_error, 0.9) filter (where support_count >= 30)
            as calibrated_p90_error,
        count(*) filter (where support_count >= 30 and calibrated_error < initial_error)
            as improved_count

    from targets
    group by holdout_group

)

select * from groups
order by holdout_group
