{{ config(
    meta={"description": "Thresholds carried from year to year are within a dollar of those quoted."}
) }}

select
    quoted.calendar_year,
    quoted.threshold as quoted_threshold,
    carried.threshold as carried_threshold

from {{ ref('params_poverty_threshold_quoted') }} as quoted
left outer join {{ ref('int_poverty_threshold') }} as carried
    on
        quoted.calendar_year = carried.calendar_year
        and quoted.family_size = carried.family_size
        and quoted.related_children = carried.related_children
where
    carried.threshold is null
    or abs(carried.threshold - quoted.threshold) > 1
