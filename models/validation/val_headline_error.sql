-- Grain: one row per headline figure.
-- How certain our figures are: standard errors and 95 percent intervals from replicates of the
-- survey, each calibrated anew, and from other draws of what surveys lack. Sampling variance is
-- that of the replicates' estimates, over the square of the spread; four times that where the
-- survey made its replicates, by successive differences. It is about their mean: what all share is
-- how near our own solve came, and a small spread would multiply it. A figure that no replicate
-- moves, as a median on a heap, is none the surer for it: as if not replicated. A release is of
-- one draw, so that imputation adds (1 + 1/1) times the variance between draws (Rubin 1987).
-- Degrees of freedom are Satterthwaite's, rounded down, which are Rubin's where replicates are
-- many: replicates less one, and draws less one. Null where no replicates were made.
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
    inner join {{ ref('cal_target') }} as targets on headlines.target_id = targets.target_id

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

design as (

    select if(count(*) > 0, 4, 1) as variance_factor
    from {{ ref('val_survey_replicate') }}

),

centred as (

    select
        metric,
        replicate,
        replicate_value,
        replicate_value
        - fsum(replicate_value) over of_metric / count(*) over of_metric as distance

    from replicated
    window
        of_metric as (
            partition by metric
            order by replicate
            rows between unbounded preceding and unbounded following
        )

),

spread as (

    select
        centred.metric,
        count(*) as replicate_count,
        any_value(design.variance_factor)
        * fsum(pow(centred.distance, 2) order by centred.replicate)
        / (count(*) - 1)
        / pow({{ spread }}, 2) as sampling_variance

    from centred
    cross join design
    group by centred.metric
    having max(centred.replicate_value) > min(centred.replicate_value)

),

means as (

    select
        metric,
        fsum(calibrated_value order by implicate) / count(*) as calibrated_value

    from {{ ref('val_implicate') }}
    group by metric

),

imputed as (

    select
        implicates.metric,
        count(*) as implicate_count,
        2 * fsum(
            pow(implicates.calibrated_value - means.calibrated_value, 2)
            order by implicates.implicate
        ) / (count(*) - 1) as imputation_variance

    from {{ ref('val_implicate') }} as implicates
    inner join means on implicates.metric = means.metric
    group by implicates.metric

),

combined as (

    select
        spread.metric,
        spread.replicate_count,
        coalesce(imputed.implicate_count, 0) as implicate_count,
        sqrt(spread.sampling_variance) as sampling_standard_error,
        sqrt(imputed.imputation_variance) as imputation_standard_error,
        sqrt(spread.sampling_variance + coalesce(imputed.imputation_variance, 0))
            as standard_error,
        pow(spread.sampling_variance + coalesce(imputed.imputation_variance, 0), 2) / nullif(
            pow(spread.sampling_variance, 2) / (spread.replicate_count - 1)
            + coalesce(
                pow(imputed.imputation_variance, 2) / (imputed.implicate_count - 1), 0
            ),
            0
        ) as degrees_of_freedom

    from spread
    left outer join imputed on spread.metric = imputed.metric

),

described as (

    select
        headlines.metric,
        headlines.label,
        headlines.unit,
        headlines.role,  -- the public name -- noqa: RF04
        headlines.published_value,
        headlines.calibrated_value,
        coalesce(combined.replicate_count, 0) as replicate_count,
        coalesce(combined.implicate_count, 0) as implicate_count,
        combined.sampling_standard_error,
        combined.imputation_standard_error,
        combined.standard_error,
        combined.standard_error / abs(headlines.calibrated_value) as relative_standard_error,
        headlines.calibrated_value - quantiles.t_value * combined.standard_error as lower_value,
        headlines.calibrated_value + quantiles.t_value * combined.standard_error as upper_value,
        abs(headlines.calibrated_value - headlines.published_value)
        <= quantiles.t_value * combined.standard_error as is_published_inside

    from headlines
    left outer join combined on headlines.metric = combined.metric
    left outer join {{ ref('params_student_quantile') }} as quantiles
        on
            floor(combined.degrees_of_freedom + 1e-9) >= quantiles.lower_count
            and (
                floor(combined.degrees_of_freedom + 1e-9) < quantiles.upper_count
                or quantiles.upper_count is null
            )

)

select * from described
order by metric
