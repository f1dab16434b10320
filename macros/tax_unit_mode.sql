{#- The account by which this build forms tax units, from `var('tax_unit_mode')`; anything that
    `params_tax_unit_mode` has no row for stops the build. -#}
{% macro tax_unit_mode() -%}
    {%- if execute and var('tax_unit_mode') not in ['rules', 'census'] -%}
        {{ exceptions.raise_compiler_error(
            "tax_unit_mode: '" ~ var('tax_unit_mode') ~ "' is no way to form tax units; known are"
            " rules, census"
        ) }}
    {%- endif -%}
    {{ var('tax_unit_mode') }}
{%- endmacro %}
