-- Columns of int_person_year that a panel fills and its crosswalk does not explain, or the other
-- way round. A panel of which nothing is at hand is not looked at.
{{ config(enabled=target.name != 'tax_units', meta={
    "description": "Each column that a panel fills is explained in its crosswalk, and no other."
}) }}
with

explained as (

    select distinct
        'psid' as survey,
        variable
    from {{ ref('xwalk_psid_variable') }}
    union all
    select distinct
        'epuf' as survey,
        variable
    from {{ ref('xwalk_epuf_variable') }}

),

counted as (
    {% for survey in surveys('person_year') %}
        {{ 'union all' if not loop.first }}
        select
            '{{ survey }}' as survey,
            variable,
            known_count
        from (
            unpivot (
                select count(columns(*)) from {{ ref('int_person_year') }}
                where dataset_id like '%{{ survey }}%'
            ) on columns(*) into name variable value known_count
        )
    {% endfor %}
),

present as (

    select survey
    from counted
    where variable = 'person_id' and known_count > 0

)

select
    counted.survey,
    counted.variable,
    counted.known_count,
    explained.variable is not null as is_explained

from counted
inner join present
    on counted.survey = present.survey
left outer join explained
    on counted.survey = explained.survey and counted.variable = explained.variable
where (counted.known_count > 0) <> (explained.variable is not null)
