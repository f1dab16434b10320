-- Grain: one row per headline figure.
-- Ours under initial and calibrated weights beside the published figure: totals that have a fact,
-- and benchmarks that are never fitted.
with

totals as (

    select
        headline.metric,
        headline.label,
        facts.unit,
        facts.publisher,
        facts.source_table as source,  -- the public name -- noqa: RF04
        facts.target_role as role,  -- the public name -- noqa: RF04
        facts.published_value,
        facts.initial_estimate as initial_value,
        facts.calibrated_estimate as calibrated_value,
        cast(null as varchar) as comparability,
        facts.target_id,
        facts.seed_file,
        facts.seed_line

    from {{ ref('params_headline') }} as headline
    inner join {{ ref('target') }} as facts
        on
            headline.variable = facts.variable
            and headline.statistic = facts.statistic
            and headline.family = facts.target_family
    where
        facts.geography_level = 'national'
        and facts.target_role != 'inactive'
    qualify row_number() over (
        partition by headline.metric
        order by length(facts.all_constraints), facts.target_id
    ) = 1

),

benchmarks as (

    select
        headline_metric as metric,
        label,
        unit,
        publisher,
        source_table as source,  -- the public name -- noqa: RF04
        role,  -- the public name -- noqa: RF04
        published_value,
        initial_value,
        calibrated_value,
        comparability,
        cast(null as varchar) as target_id,
        seed_file,
        seed_line

    from {{ ref('val_benchmark') }}
    where headline_metric is not null

),

combined as (

    select * from totals
    union all
    select * from benchmarks

)

select
    * exclude (target_id, seed_file, seed_line),
    calibrated_value / published_value - 1 as calibrated_relative_error,
    target_id,
    seed_file,
    seed_line
from combined
order by role desc, metric asc
