{#- A number of a survey, null from the first code on that stands for no answer. -#}
{% macro known_below(column, first_code) -%}
    case when cast({{ column }} as double) < {{ first_code }} then cast({{ column }} as double) end
{%- endmacro %}
