{#- Columns that a survey fills in a vintage and the crosswalk of its variables does not list for it,
    or the other way round. `entities` names the harmonised tables; a survey of which nothing is at
    hand is not looked at. -#}
{% test lists_what_is_filled(model, survey, entities) %}

    with

    filled as (
        {% for entity in entities %}
            {{ 'union all' if not loop.first }}
            select
                'int_{{ entity }}' as table_name,
                vintage,
                variable,
                known_count
            from (
                unpivot (
                    select
                        survey_year as vintage,
                        count(columns(*)) as "\0"
                    from {{ ref('int_' ~ entity) }}
                    where regexp_replace(dataset_id, '^demo_|_[0-9]{4}$', '', 'g') = '{{ survey }}'
                    group by survey_year
                ) on columns(* exclude (vintage)) into name variable value known_count
            )
        {% endfor %}

    ),

    vintages as (

        select distinct table_name, vintage from filled

    ),

    listed as (

        select vintages.table_name, vintages.vintage, crosswalk.variable
        from {{ model }} as crosswalk
        inner join vintages
            on
                crosswalk.table_name = vintages.table_name
                and vintages.vintage >= coalesce(crosswalk.first_vintage, vintages.vintage)
                and vintages.vintage <= coalesce(crosswalk.last_vintage, vintages.vintage)

    )

    select
        coalesce(filled.table_name, listed.table_name) as table_name,
        coalesce(filled.vintage, listed.vintage) as vintage,
        coalesce(filled.variable, listed.variable) as variable,
        filled.known_count,
        listed.variable is not null as is_listed

    from filled
    full outer join listed
        on
            filled.table_name = listed.table_name
            and filled.vintage = listed.vintage
            and filled.variable = listed.variable
    where (coalesce(filled.known_count, 0) > 0) <> (listed.variable is not null)

{% endtest %}
