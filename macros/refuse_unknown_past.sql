{#- Stops a build of targets as of a moment that lies before the first that history knows. -#}
{% macro refuse_unknown_past(history) -%}
    {%- if execute and var('targets_as_of') is not none -%}
        {%- set (count, beginning) = run_query(
            "select count(*) filter (where dbt_valid_from < " ~ targets_as_of() ~ "),"
            " min(dbt_valid_from) from " ~ history
        ).rows[0] -%}
        {%- if count == 0 -%}
            {{ exceptions.raise_compiler_error(
                "targets_as_of: the history of targets begins " ~ (beginning | string)[:19]
                ~ "; how they stood on " ~ var('targets_as_of') ~ " is not known. Ask for a later"
                " day, or put the build/" ~ target.name ~ "/history.duckdb of that time in place"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
