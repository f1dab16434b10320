-- Grain: one row per gate: what was measured, the limit, and whether it is met.
-- A gate that fails stops nobody from building; it is in the manifest and on the first page, and
-- keeps a release from being published. So does a limit that has expired on the day of publication:
-- a build has no clock, or its releases would not be the same twice.
with

headlines as (

    select * from {{ ref('val_headline') }}

),

weights as (

    select * from {{ ref('val_weight_distribution') }}

),

families as (

    select * from {{ ref('val_target_family') }}

),

targets as (

    select * from {{ ref('target') }}
    where target_role = 'held_out' and support_count >= 30 and target_value != 0

),

measured as (

    select
        gate,
        measured_value
    from {{ ref('cal_preflight') }}
    union all
    select
        'population_error_at_most' as gate,
        abs(calibrated_relative_error) as measured_value
    from headlines
    where metric = 'population'
    union all
    select
        'effective_sample_share_at_least' as gate,
        value as measured_value
    from weights
    where metric = 'effective_sample_share'
    union all
    select
        'top_100_share_at_most' as gate,
        value as measured_value
    from weights
    where metric = 'top_100_share'
    union all
    select
        'supported_within_10_share_at_least' as gate,
        sum(within_10_count) / sum(supported_count) as measured_value
    from families
    where target_role = 'fitted'
    union all
    select
        'held_out_error_ratio_at_most' as gate,
        median(abs(calibrated_relative_error)) / median(abs(initial_relative_error))
            as measured_value
    from targets
    union all
    select
        'poverty_gap_change_at_most' as gate,
        abs(calibrated_value - published_value) - abs(initial_value - published_value)
            as measured_value
    from headlines
    where metric = 'official_poverty_rate'
    union all
    select
        'gini_gap_change_at_most' as gate,
        abs(calibrated_value - published_value) - abs(initial_value - published_value)
            as measured_value
    from headlines
    where metric = 'gini_household_income'

),

judged as (

    select
        tolerances.gate,
        tolerances.stage,
        measured.measured_value,
        tolerances.limit_value,
        coalesce(
            case
                when tolerances.gate like '%_at_least'
                    then measured.measured_value >= tolerances.limit_value
                else measured.measured_value <= tolerances.limit_value
            end,
            false
        ) as is_met,
        tolerances.reason,
        tolerances.decided_on,
        tolerances.expires_on

    from {{ ref('params_gate_tolerance') }} as tolerances
    left outer join measured on tolerances.gate = measured.gate

)

select * from judged
order by gate
