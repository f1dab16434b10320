-- Grain: one row per preflight gate.
-- What can be known to be wrong before weights are solved for. The solver waits for this table;
-- `val_gate` judges it with the gates of the finished release.
with

represented as (

    select
        fsum(design_weight * household_size order by household_id)
        / fsum(initial_weight * household_size order by household_id) as of_published

    from {{ ref('cal_unit_household') }}

),

measured as (

    select
        'base_population_error_at_most' as gate,
        abs(of_published - 1) as measured_value
    from represented
    union all
    select
        'supported_target_share_at_least' as gate,
        avg(cast(unsupported_reason is null and support_count >= 30 as integer)) as measured_value
    from {{ ref('cal_support') }}
    union all
    select
        'unusable_matrix_values_at_most' as gate,
        count(*) filter (where value is null or not isfinite(value)) as measured_value
    from {{ ref('cal_matrix') }}
    union all
    select
        'enforced_identity_share_at_least' as gate,
        avg(cast(unenforced_reason is null as integer)) as measured_value
    from {{ ref('tgt_identity') }}

)

select
    gate,
    cast(measured_value as double) as measured_value
from measured
order by gate
