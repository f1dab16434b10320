"""What pages ask of a release about its targets."""

#: Households that must bear on a target before its error says anything: ``$support``.
SUPPORT = 30
#: Rows of the table of targets that the browser gets; the CSV has all.
SHOWN = 500

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

# Grain: one row per family.
FAMILIES = "select distinct target_family from target order by target_family"

# Grain: one row per place, the country first; a label names the place after what is counted.
PLACES = """
select
    geoid,
    any_value(split_part(target_label, ' · ', 2)) as place_name

from target
group by geoid
order by geoid <> 'US', place_name
"""

# Grain: one row per band of income or age that a target names, in order.
BANDS = r"""
with

clauses as (

    select distinct unnest(string_split(all_constraints, '; ')) as band
    from target

),

read as (

    select
        band,
        regexp_extract(band, '[a-z_]+') as variable,
        try_cast(regexp_extract(band, '^(\S+) <', 1) as double) as lower_end,
        try_cast(regexp_extract(band, '[<>]=? (\S+)$', 1) as double) as last_number

    from clauses

)

select band
from read
where variable in (
    'adjusted_gross_income', 'adjusted_gross_income_rank', 'income_to_poverty_ratio', 'age'
)
order by
    variable,
    coalesce(lower_end, if(contains(band, '>'), last_number, '-inf')),
    last_number
"""

_MET = """
    (len($roles) = 0 or list_contains(cast($roles as varchar[]), target_role))
    and (len($families) = 0 or list_contains(cast($families as varchar[]), target_family))
    and (len($places) = 0 or list_contains(cast($places as varchar[]), geoid))
    and (
        len($bands) = 0
        or list_has_any(cast($bands as varchar[]), string_split(all_constraints, '; '))
    )
    and contains(
        lower(concat_ws(' ', target_label, variable, publisher, source_table, target_id)),
        lower($words)
    )
order by
    coalesce(support_count, 0) >= $support desc,
    abs(calibrated_relative_error) desc nulls last,
    target_id
"""

# Grain: one row per target that meets the reader's filters, the worst first, up to `$shown`; an
# empty filter takes all. `found` is how many there are.
TARGETS = f"""
select
    target_label,
    publisher,
    target_role,
    published_value,
    initial_estimate,
    calibrated_estimate,
    initial_relative_error,
    calibrated_relative_error,
    support_count,
    target_id,
    count(*) over () as found

from target
where {_MET}
limit $shown
"""

# Grain: one row per target that meets the reader's filters, with all that is known of it.
EVERY_TARGET = f"select * from target where {_MET}"

# Grain: one row: the target, and the place of its geography among names.
ONE = """
select
    target_label,
    publisher,
    source_table,
    source_cell,
    citation_url,
    vintage,
    seed_file || ':' || seed_line as seed_row,
    target_family,
    period,
    period_type,
    geography_level,
    geoid,
    entity,
    universe,
    variable,
    statistic,
    unit,
    all_constraints,
    target_role,
    reason_left_out,
    published_value,
    growth_factor,
    growth_source,
    control_factor,
    control_tables,
    reconciliation_factor,
    target_value,
    initial_estimate,
    calibrated_estimate,
    initial_relative_error,
    calibrated_relative_error,
    support_count,
    shadow_price

from target
where target_id = $target_id
"""

# Grain: one row per fight that the target is in.
FIGHTS = """
select conflict_rank, sentence
from val_conflict
where list_contains(first_target_ids, $target_id) or list_contains(second_target_ids, $target_id)
order by conflict_rank
"""

# Grain: one row per period through which the target stood unchanged.
HISTORY = """
select valid_from, valid_to, published_value, vintage, source_table, source_cell, revised_columns
from val_target_history
where target_id = $target_id
order by version_number
"""
