-- Grain: one row per fact in force and period through which it stood unchanged in all it asserts.
-- From the snapshot: what this place has built with, by its clock. A fact that was gone for a while
-- begins anew; a row that only moved in its file does not.
{%- set asserted = [
    'value', 'standard_error', 'unit', 'publisher', 'source_table', 'source_cell', 'citation_url',
    'target_family', 'period', 'period_type', 'geography_level', 'geoid', 'entity', 'universe',
    'variable', 'statistic', 'constraints', 'vintage', 'assertion', 'note',
] %}
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

versions as (

    select * from {{ ref('snap_fact') }}

),

asked as (

    select {{ targets_as_of() }} as moment

),

compared as (

    select
        {% for column in asserted -%}
            lag(versions.{{ column }}) over of_the_fact as previous_{{ column }},
        {% endfor -%}
        lag(versions.dbt_valid_to) over of_the_fact as previous_end,
        row_number() over of_the_fact as place,
        versions.*

    from versions
    inner join facts on versions.fact_id = facts.target_id
    cross join asked
    where versions.dbt_valid_from < asked.moment
    window of_the_fact as (partition by versions.fact_id order by versions.dbt_valid_from)

),

begun as (

    select
        *,
        case
            when place = 1 then ''
            when coalesce(previous_end <> dbt_valid_from, true) then 'published again'
            else
                nullif(concat_ws(
                    ', ',
                    {% for column in asserted -%}
                        if(
                            {{ column }} is distinct from previous_{{ column }},
                            '{{ column }}', null
                        ),
                    {% endfor -%}
                    null
                ), '')
        end as begun_by

    from compared

),

numbered as (

    select
        *,
        count(begun_by) over (partition by fact_id order by dbt_valid_from) as version_number

    from begun

),

periods as (

    select
        fact_id as target_id,
        cast(version_number as integer) as version_number,
        any_value(value) as published_value,
        any_value(standard_error) as standard_error,
        any_value(unit) as unit,
        any_value(publisher) as publisher,
        any_value(source_table) as source_table,
        any_value(source_cell) as source_cell,
        any_value(vintage) as vintage,
        any_value(begun_by) as revised_columns,
        cast(min(dbt_valid_from) as timestamp) as valid_from,
        cast(
            if(count(*) = count(dbt_valid_to), max(dbt_valid_to), null) as timestamp
        ) as valid_to

    from numbered
    group by fact_id, version_number

)

select * from periods
order by target_id, version_number
