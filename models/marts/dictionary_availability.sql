-- Grain: one row per column of a harmonised table, dataset of that table, and publisher's year.
-- Counted from the records: a column is known of a record where it is not null. Zero is known.
-- The dataset's own columns (its id and years) are known everywhere and have no rows.
with

counted as (

    {% for entity in known_surveys() -%}
        select
            'int_{{ entity }}' as table_name,
            dataset_id,
            column_name,
            survey_year,
            income_year,
            record_count,
            known_count

        from (
            select
                dataset_id,
                survey_year,
                max(income_year) as income_year,
                count(*) as record_count,
                count(columns(* exclude (dataset_id, survey_year, income_year)))

            from {{ ref('int_' ~ entity) }}
            group by dataset_id, survey_year
        ) unpivot (
            known_count for column_name in (
                columns(* exclude (dataset_id, survey_year, income_year, record_count))
            )
        )
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

shared as (

    select
        table_name,
        column_name,
        dataset_id,
        {{ survey_of('dataset_id') }} as survey,
        survey_year,
        income_year,
        record_count,
        known_count,
        known_count / record_count as known_share

    from counted

)

select * from shared
order by table_name, column_name, dataset_id, survey_year
