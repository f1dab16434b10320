-- Grain: one row per headline figure.
-- Ours under initial and calibrated weights beside the published figure: totals that have a fact,
-- and benchmarks that are never fitted.
with

totals as (

    select
        headline.metric,
        headline.label,
        target.unit,
        target.publisher,
        target.source_table as source,
        target.target_role as role,
        target.target_value as published_value,
        target.initial_estimate as initial_value,
        target.calibrated_estimate as calibrated_value,
        cast(null as varchar) as comparability

    from {{ ref('params_headline') }} as headline
    inner join {{ ref('target') }} as target
        on
            headline.variable = target.variable
            and headline.statistic = target.statistic
            and headline.family = target.target_family
    where
        target.geography_level = 'national'
        and target.target_role != 'inactive'
    qualify row_number() over (
        partition by headline.metric
        order by length(target.all_constraints), target.target_id
    ) = 1

),

benchmarks as (

    select
        benchmark.metric,
        benchmark.label,
        benchmark.unit,
        benchmark.publisher,
        benchmark.source,
        'benchmark' as role,
        benchmark.published_value,
        max(summary.value) filter (where summary.weight_stage = 'initial_weight')
            as initial_value,
        max(summary.value) filter (where summary.weight_stage = 'calibrated_weight')
            as calibrated_value,
        benchmark.comparability

    from {{ ref('params_benchmark') }} as benchmark
    inner join {{ ref('val_summary') }} as summary on benchmark.metric = summary.metric
    group by
        benchmark.metric,
        benchmark.label,
        benchmark.unit,
        benchmark.publisher,
        benchmark.source,
        benchmark.published_value,
        benchmark.comparability

),

combined as (

    select * from totals
    union all
    select * from benchmarks

)

select
    *,
    calibrated_value / published_value - 1 as calibrated_relative_error
from combined
order by role desc, metric
