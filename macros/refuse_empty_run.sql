{#- Stops a snapshot under `dbt build --empty`: no rows would read as the deletion of all rows. -#}
{% macro refuse_empty_run() -%}
    {%- if execute and flags.EMPTY -%}
        {{ exceptions.raise_compiler_error(
            "snap_fact: --empty would write the deletion of every fact into history; "
            "add --exclude resource_type:snapshot"
        ) }}
    {%- endif -%}
{%- endmacro %}
