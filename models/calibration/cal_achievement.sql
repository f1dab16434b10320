-- Grain: one row per active target.
-- How far initial and calibrated weights land from each published fact, and what the target costs:
-- its shadow price is the change of the least loss per unit of the target. The rows of means and
-- medians are relative errors: a mean is read back from it; a median's says how far from one half
-- the share below it is, and there is no estimate of its own.
with

targets as (

    select * from {{ ref('cal_target') }}

),

solved as (

    select
        position as target_index,
        max(number) filter (where part = 'estimate') as calibrated_estimate,
        max(number) filter (where part = 'shadow_price') as shadow_price

    from {{ ref('cal_solution') }}
    where part in ('estimate', 'shadow_price')
    group by position

),

achieved as (

    select
        targets.* exclude (row_target)  -- the star's own -- noqa: RF02
        replace (
            case targets.statistic
                when 'median' then null
                when 'mean' then targets.target_value * (1 + targets.initial_estimate)
                else targets.initial_estimate
            end as initial_estimate
        ),
        case targets.statistic
            when 'median' then null
            when 'mean' then targets.target_value * (1 + solved.calibrated_estimate)
            else solved.calibrated_estimate
        end as calibrated_estimate,
        case
            when targets.statistic in ('mean', 'median') then targets.initial_estimate
            else targets.initial_estimate / nullif(targets.target_value, 0) - 1
        end as initial_relative_error,
        case
            when targets.statistic in ('mean', 'median') then solved.calibrated_estimate
            else solved.calibrated_estimate / nullif(targets.target_value, 0) - 1
        end as calibrated_relative_error,
        solved.shadow_price

    from targets
    inner join solved on targets.target_index = solved.target_index

)

select * from achieved
