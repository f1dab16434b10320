{#- How an amount came about, by the survey's allocation flag: above 0 it was allocated, whole or in
    part; 0 is `as_told`. Null where the vintage has no flag. -#}
{% macro amount_origin(flag, as_told='reported') -%}
    case
        when is_outside_income_universe then 'structural_zero'
        when {{ flag }} > 0 then 'allocated'
        when {{ flag }} = 0 then '{{ as_told }}'
    end
{%- endmacro %}
