{#- The surveys of which this build has harmonised records, entity by entity; the base survey
    first. -#}
{% macro known_surveys() -%}
    {%- set known = {
        'household': ['cps_asec', 'acs', 'sipp'],
        'person': ['cps_asec', 'acs', 'sipp'],
        'family': ['cps_asec', 'acs'],
        'spm_unit': ['cps_asec'],
        'tax_unit': ['cps_asec'],
        'person_year': ['psid', 'epuf'],
        'economic_unit': ['scf'],
    } -%}
    {%- set units = ['taxcalc_cps'] -%}
    {{ return(
        dict(
            household=units, person=units, family=units, spm_unit=units, tax_unit=units,
            economic_unit=['scf']
        )
        if target.name == 'tax_units' else known
    ) }}
{%- endmacro %}
{#- The surveys of which this build has harmonised records of an entity. -#}
{% macro surveys(entity) -%}
    {{ return(known_surveys()[entity]) }}
{%- endmacro %}
{#- Every survey of which this build has harmonised records. -#}
{% macro harmonized_surveys() -%}
    {%- set found = [] -%}
    {%- for of_entity in known_surveys().values() -%}{%- do found.extend(of_entity) -%}{%- endfor -%}
    {{ return(found | unique | list) }}
{%- endmacro %}
{#- The survey of a dataset's id: without the mark of the demo world and the year. -#}
{% macro survey_of(dataset_id) -%}
    regexp_replace({{ dataset_id }}, '^demo_|_[0-9]{4}$', '', 'g')
{%- endmacro %}
{#- All harmonised records of an entity, survey after survey; what a survey lacks is null. -#}
{% macro all_surveys(entity) -%}
    {%- for survey in surveys(entity) %}
        {{ 'union all by name' if not loop.first }}
        select * from {{ ref('int_' ~ entity ~ '__' ~ survey) }}
    {%- endfor %}
{%- endmacro %}
{#- The crosswalks of one kind (`column` or `variable`) of every survey of this build, with the
    survey beside each line. -#}
{% macro crosswalks(kind) -%}
    (
        {%- for survey in harmonized_surveys() %}
        {{ 'union all' if not loop.first }}
        select
            '{{ survey }}' as survey,
            *
        from {{ ref('xwalk_' ~ survey ~ '_' ~ kind) }}
        {%- endfor %}
    )
{%- endmacro %}
