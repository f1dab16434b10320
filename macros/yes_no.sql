{#- Truth of a survey answer: 1 is yes, 2 is no, everything else was not asked and is null. -#}
{% macro yes_no(column) -%}
    case cast({{ column }} as integer) when 1 then true when 2 then false end
{%- endmacro %}
