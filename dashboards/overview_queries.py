"""What the overview asks of a release.

``$support`` is how many households must bear on a target before its error says anything.
"""

_ERRORS = """
with

errors as (

    select
        target_role,
        'before calibration' as stage,
        abs(initial_relative_error) as error
    from target
    where
        target_role in ('fitted', 'held_out')
        and support_count >= $support
        and initial_relative_error is not null
    union all
    select
        target_role,
        'after calibration' as stage,
        abs(calibrated_relative_error) as error
    from target
    where
        target_role in ('fitted', 'held_out')
        and support_count >= $support
        and calibrated_relative_error is not null

)
"""

# Grain: one row per role, stage and relative error on a logarithmic grid from 0.1 to 100 percent.
CURVES = (
    _ERRORS
    + """
, thresholds as (

    select power(10, step / 20.0 - 3) as threshold
    from range(0, 61) as steps (step)

)

select
    errors.target_role,
    errors.stage,
    thresholds.threshold,
    avg(cast(errors.error <= thresholds.threshold as integer)) as within_share

from errors
cross join thresholds
group by errors.target_role, errors.stage, thresholds.threshold
order by errors.target_role, errors.stage, thresholds.threshold
"""
)

# Grain: one row per role and stage.
ACHIEVED = (
    _ERRORS
    + """
select
    target_role as role,
    stage,
    count(*) as targets,
    avg(cast(error <= 0.01 as integer)) as within_1,
    avg(cast(error <= 0.05 as integer)) as within_5,
    avg(cast(error <= 0.1 as integer)) as within_10,
    median(error) as median_error

from errors
group by target_role, stage
order by target_role, stage desc
"""
)

# Grain: one row per bin [lower, upper) of weight ratios, four bins to a doubling.
RATIOS = """
with

binned as (

    select floor(log2(weight_ratio) * 4) as bin
    from household
    where weight_ratio > 0

)

select
    power(2, bin / 4) as lower,
    power(2, (bin + 1) / 4) as upper,
    count(*) / sum(count(*)) over () as household_share

from binned
group by bin
order by bin
"""

# Grain: one row per target that meets the reader's filters; an empty filter takes all.
TARGETS = """
select
    target_label,
    target_role,
    published_value,
    target_value,
    initial_estimate,
    calibrated_estimate,
    initial_relative_error,
    calibrated_relative_error,
    support_count,
    unit,
    reason_left_out,
    publisher,
    source_table,
    source_cell,
    citation_url,
    seed_file || ':' || seed_line as seed_row,
    target_family,
    geography_level,
    geoid,
    target_id

from target
where
    (len($roles) = 0 or list_contains(cast($roles as varchar[]), target_role))
    and (len($families) = 0 or list_contains(cast($families as varchar[]), target_family))
    and (len($places) = 0 or list_contains(cast($places as varchar[]), geoid))
    and contains(
        lower(concat_ws(' ', target_label, variable, publisher, source_table, target_id)),
        lower($words)
    )
order by
    coalesce(support_count, 0) >= $support desc,
    abs(calibrated_relative_error) desc nulls last,
    target_id
"""
