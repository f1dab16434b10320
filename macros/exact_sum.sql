{#- A sum of amounts to a hundredth of a cent: exact, so in any order, and faster than `fsum`. -#}
{% macro exact_sum(amount) -%}
    cast(sum(cast({{ amount }} as decimal(18, 4))) as double)
{%- endmacro %}
