{#- The moment before which a version of a fact must have begun: the end of a day, or a time. -#}
{% macro targets_as_of() -%}
    {%- set asked = var('targets_as_of') | string -%}
    {%- if var('targets_as_of') is none -%}
        cast('infinity' as timestamp)
    {%- elif execute and asked[:10].split('-') | map('length') | list != [4, 2, 2] -%}
        {{ exceptions.raise_compiler_error(
            "targets_as_of: '" ~ asked ~ "' is neither a day (2026-11-30) nor a time"
            " ('2026-11-30 14:05:00')"
        ) }}
    {%- elif asked | length == 10 -%}
        cast('{{ asked }}' as date) + interval 1 day
    {%- else -%}
        cast('{{ asked }}' as timestamp)
    {%- endif -%}
{%- endmacro %}
