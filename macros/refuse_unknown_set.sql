{#- Stops a build that asks for a set of facts that is none. -#}
{% macro refuse_unknown_set(sets) -%}
    {%- if execute and var('target_sets') != ['core'] -%}
        {%- set rows = run_query("select distinct target_set from " ~ sets ~ " order by all") -%}
        {%- set known = ['core'] + (rows.columns[0].values() | list) -%}
        {%- for name in var('target_sets') if name not in known -%}
            {{ exceptions.raise_compiler_error(
                "target_sets: '" ~ name ~ "' is no set of facts; known are " ~ known | join(', ')
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
