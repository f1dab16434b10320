{#- The surveys of which this build has harmonised records of an entity; the base survey first. -#}
{% macro surveys(entity) -%}
    {%- set known = {
        'household': ['cps_asec', 'acs', 'sipp'],
        'person': ['cps_asec', 'acs', 'sipp'],
        'family': ['cps_asec', 'acs'],
        'spm_unit': ['cps_asec'],
        'tax_unit': ['cps_asec'],
        'person_year': ['psid', 'epuf'],
    } -%}
    {#- Donors of balance sheets are in every build. -#}
    {%- set everywhere = {'economic_unit': ['scf']} -%}
    {%- if entity in everywhere -%}
        {{ return(everywhere[entity]) }}
    {%- endif -%}
    {{ return(['taxcalc_cps'] if target.name == 'tax_units' else known[entity]) }}
{%- endmacro %}
{#- All harmonised records of an entity, survey after survey; what a survey lacks is null. -#}
{% macro all_surveys(entity) -%}
    {%- for survey in surveys(entity) %}
        {{ 'union all by name' if not loop.first }}
        select * from {{ ref('int_' ~ entity ~ '__' ~ survey) }}
    {%- endfor %}
{%- endmacro %}
