{#- Every relation in one schema, so that users type `select * from person`. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema }}
{%- endmacro %}
