-- Grain: one row per headline figure.
-- How certain our figures are: standard errors and 95 percent intervals from bootstrap replicates
-- of the survey, each calibrated anew. The variance is the mean squared distance of the replicates'
-- estimates from ours, over the square of the spread. Null where no replicates were made.
{%- set spread = var('replicates').spread[target.name] %}
with

headlines as (

    select * from {{ ref('val_headline') }}

),

totals as (

    select
        headlines.metric,
        targets.target_index

    from headlines
    inner join {{ ref('params_headline') }} as params on headlines.metric = params.metric
    inner join {{ ref('cal_target') }} as targets
        on
            params.variable = targets.variable
            and params.statistic = targets.statistic
            and params.family = targets.target_family
    where
        targets.geography_level = 'national'
        and headlines.role != 'benchmark'
    qualify row_number() over (
        partition by headlines.metric
        order by length(targets.all_constraints), targets.target_id
    ) = 1

),

replicated as (

    select
        totals.metric,
        weights.replicate,
        fsum(matrix.value * weights.weight order by matrix.household_index) as replicate_value

    from totals
    inner join {{ ref('cal_matrix') }} as matrix on totals.target_index = matrix.target_index
    inner join {{ ref('val_replicate_weight') }} as weights
        on matrix.household_index = weights.household_index
    group by totals.metric, weights.replicate
    union all
    select
        headlines.metric,
        summaries.replicate,
        summaries.value as replicate_value

    from headlines
    inner join {{ ref('val_replicate_summary') }} as summaries
        on headlines.metric = summaries.metric
    where headlines.role = 'benchmark'

),

spread as (

    select
        headlines.metric,
        count(replicated.replicate) as replicate_count,
        sqrt(
            fsum(
                pow(replicated.replicate_value - headlines.calibrated_value, 2)
                order by replicated.replicate
            ) / count(replicated.replicate)
        ) / {{ spread }} as standard_error

    from headlines
    inner join replicated on headlines.metric = replicated.metric
    group by headlines.metric

),

described as (

    select
        headlines.metric,
        headlines.label,
        headlines.unit,
        headlines.role,  -- the public name -- noqa: RF04
        headlines.published_value,
        headlines.calibrated_value,
        coalesce(spread.replicate_count, 0) as replicate_count,
        spread.standard_error,
        spread.standard_error / abs(headlines.calibrated_value) as relative_standard_error,
        headlines.calibrated_value - quantiles.t_value * spread.standard_error as lower_value,
        headlines.calibrated_value + quantiles.t_value * spread.standard_error as upper_value,
        abs(headlines.calibrated_value - headlines.published_value)
        <= quantiles.t_value * spread.standard_error as is_published_inside

    from headlines
    left outer join spread on headlines.metric = spread.metric
    left outer join {{ ref('params_student_quantile') }} as quantiles
        on
            spread.replicate_count >= quantiles.lower_count
            and (
                spread.replicate_count < quantiles.upper_count
                or quantiles.upper_count is null
            )

)

select * from described
order by metric
