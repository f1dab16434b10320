{#- Each series of `params_growth_factor`, and what it grew by from the year before the build's:
    a subquery. Figures of the year before are carried so; the build's own are targets. -#}
{% macro grown_series() -%}
    (
        select
            series,
            max(value) filter (where period = {{ var('income_year') }})
            / max(value) filter (where period = {{ var('income_year') }} - 1) as growth
        from {{ ref('params_growth_factor') }}
        group by series
    )
{%- endmacro %}
