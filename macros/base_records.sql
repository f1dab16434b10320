{#- The survey whose households this build completes and weighs: `ref('int_person__' ~ base_records())`. -#}
{% macro base_records() -%}
    {{ 'taxcalc_cps' if target.name == 'tax_units' else 'cps_asec' }}
{%- endmacro %}
