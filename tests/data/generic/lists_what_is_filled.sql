{#- Columns that a survey fills and the crosswalk of its variables does not list, or the other way
    round. `entities` names the harmonised tables; a survey of which nothing is at hand is not
    looked at. `may_be_empty` are variables that a build may lack, as those of two vintages do
    where it has one. -#}
{% test lists_what_is_filled(model, survey, entities, may_be_empty=[]) %}

    with

    datasets as (

        select dataset_id from {{ ref('int_dataset') }} where survey = '{{ survey }}'

    ),

    filled as (
        {% for entity in entities %}
            {{ 'union all' if not loop.first }}
            select
                'int_{{ entity }}' as table_name,
                variable,
                known_count
            from (
                unpivot (
                    select count(columns(*))
                    from {{ ref('int_' ~ entity) }}
                    where dataset_id in (select dataset_id from datasets)
                ) on columns(*) into name variable value known_count
            )
        {% endfor %}

    ),

    listed as (

        select distinct table_name, variable from {{ model }}

    )

    select
        coalesce(filled.table_name, listed.table_name) as table_name,
        coalesce(filled.variable, listed.variable) as variable,
        filled.known_count,
        listed.variable is not null as is_listed

    from filled
    full outer join listed
        on filled.table_name = listed.table_name and filled.variable = listed.variable
    where
        exists (select 1 from datasets)
        and (coalesce(filled.known_count, 0) > 0) <> (listed.variable is not null)
        {%- if may_be_empty %}
            and coalesce(filled.variable, listed.variable) not in (
                '{{ may_be_empty | join("', '") }}'
            )
        {%- endif %}

{% endtest %}
