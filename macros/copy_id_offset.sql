{#- What a copy's identifiers lie above the original's: more than any identifier of any survey,
    so that the copies' keys are disjoint on every entity. -#}
{% macro copy_id_offset() -%}
    10000000000
{%- endmacro %}
