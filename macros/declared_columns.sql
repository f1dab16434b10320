{#- Every column that the YAML declares of the model, in its type: the face of a Python model. -#}
{% macro declared_columns(relation) -%}
    select
        {% for column in model.columns.values() -%}
            cast({{ relation }}.{{ column.name }} as {{ column.data_type }}) as {{ column.name }}
            {{- ',' if not loop.last }}
        {% endfor -%}
    from {{ relation }}
{%- endmacro %}
{#- Variables that a table of draws holds, by its YAML, and that this model declares. -#}
{% macro drawn_variables(draws) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for column in graph.nodes['model.steelyard.' ~ draws].columns.values()
            if 'draw' in (column.config.meta or column.meta) and column.name in model.columns -%}
            {%- do found.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
{#- Where a drawn amount comes from. -#}
{% macro drawn_origin(draws) -%}
    'imputed_' || {{ draws }}.donor_dataset_id
{%- endmacro %}
{#- The dataset of a survey whose incomes are of the build's year, or of the nearest: who gives. -#}
{% macro nearest_dataset(survey) -%}
    (
        select dataset_id from {{ ref('int_dataset') }}
        where survey = '{{ survey }}'
        order by abs(income_year - {{ var('income_year') }}), income_year desc
        limit 1
    )
{%- endmacro %}
