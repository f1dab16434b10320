-- Grain: one row per headline figure.
-- Ours under initial and calibrated weights beside the published figure: totals that have a fact,
-- and benchmarks that are never fitted.
with

totals as (

    select
        metric,
        label,
        unit,
        publisher,
        source_table as source,  -- the public name -- noqa: RF04
        target_role as role,  -- the public name -- noqa: RF04
        published_value,
        initial_estimate as initial_value,
        calibrated_estimate as calibrated_value,
        cast(null as varchar) as comparability,
        target_id,
        seed_file,
        seed_line

    from {{ ref('val_headline_fact') }}

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
