{#- How near facts are met, of a relation with support_count, initial_error and calibrated_error (the
    size of each): counts and errors of those that 30 households or more bear on. -#}
{% macro achieved() -%}
    count(*) as target_count,
    count(*) filter (where support_count >= 30) as supported_count,
    count(*) filter (where support_count >= 30 and initial_error <= 0.1)
        as initial_within_10_count,
    count(*) filter (where support_count >= 30 and calibrated_error <= 0.1)
        as within_10_count,
    median(initial_error) filter (where support_count >= 30) as initial_median_error,
    median(calibrated_error) filter (where support_count >= 30) as calibrated_median_error,
    quantile_cont(calibrated_error, 0.9) filter (where support_count >= 30)
        as calibrated_p90_error
{%- endmacro %}
