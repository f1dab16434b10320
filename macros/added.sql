{#- Sum of amounts told as text, those that are null left out; null where all are. -#}
{% macro added(columns) -%}
    {%- set terms = [] -%}
    {%- for column in columns -%}
        {%- do terms.append('coalesce(cast(' ~ column ~ ' as double), 0)') -%}
    {%- endfor -%}
    case when coalesce({{ columns | join(', ') }}) is not null then {{ terms | join(' + ') }} end
{%- endmacro %}
