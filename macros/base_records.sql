{#- The survey whose households this build completes and weighs. -#}
{% macro base_survey() -%}
    {{ 'taxcalc_cps' if target.name == 'tax_units' else 'cps_asec' }}
{%- endmacro %}
{#- Records of one entity that this build completes and weighs: of one survey and income year.
    Use it as a relation: `from {{ base_records('person') }} as persons`. -#}
{% macro base_records(entity) -%}
    (
        select * from {{ ref('int_' ~ entity) }}
        where dataset_id in (select dataset_id from {{ ref('int_dataset') }} where is_base)
    )
{%- endmacro %}
