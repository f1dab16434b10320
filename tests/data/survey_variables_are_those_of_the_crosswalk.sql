{{ config(
    enabled=target.name == 'demo',
    meta={
        "description": "What a survey's crosswalk of variables lists is filled in the demo world in each of its vintages, and nothing else is."
    }
) }}

{%- set told = {
    'int_person__sipp': ['xwalk_sipp_variable', 'person'],
    'int_household__sipp': ['xwalk_sipp_variable', 'household'],
    'int_economic_unit__scf': ['xwalk_scf_variable', 'economic_unit'],
} %}

with

{% for model, (crosswalk, entity) in told.items() %}
    {{ model }}_count as (

        select
            survey_year as vintage,
            -- Each count is named after its column.
            count(columns(*)) as "\0"  -- noqa: RF05

        from {{ ref(model) }}
        group by survey_year

    ),

    {{ model }}_filled as (

        unpivot {{ model }}_count
        on columns(* exclude (vintage))
        into name column_name value known_count

    ),

    {{ model }}_listed as (

        select
            counted.vintage,
            listed.variable

        from {{ ref(crosswalk) }} as listed
        inner join {{ model }}_count as counted
            on
                counted.vintage >= coalesce(listed.first_vintage, counted.vintage)
                and counted.vintage <= coalesce(listed.last_vintage, counted.vintage)
        where listed.table_name = '{{ entity }}'

    ),

    {{ model }}_compared as (

        select
            '{{ model }}' as relation_name,
            coalesce(filled.vintage, listed.vintage) as vintage,
            coalesce(filled.column_name, listed.variable) as column_name,
            listed.variable is not null as is_listed,
            coalesce(filled.known_count, 0) > 0 as is_filled

        from {{ model }}_filled as filled
        full outer join {{ model }}_listed as listed
            on filled.vintage = listed.vintage and filled.column_name = listed.variable

    ),
{% endfor %}

compared as (

    {%- for model in told %}
        {{ 'union all' if not loop.first }}
        select * from {{ model }}_compared
    {%- endfor %}

)

select * from compared
where is_listed <> is_filled
