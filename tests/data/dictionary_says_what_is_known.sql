-- Columns that a survey's crosswalk claims and its records lack, or that they have and it omits.
-- A line of `xwalk_<survey>_variable` for the vintage says that the column is known there of some
-- record; without a line it is null everywhere. What was a year before (`_last_year`) can be known
-- only where the vintage of the year before is in the build, too.
with

availability as (

    select * from {{ ref('dictionary_availability') }}

),

claimed as (

    select
        availability.*,
        exists (
            select 1
            from {{ ref('dictionary_source') }} as sources
            where
                sources.table_name = availability.table_name
                and sources.column_name = availability.column_name
                and sources.survey = availability.survey
                and coalesce(sources.first_vintage <= availability.survey_year, true)
                and coalesce(sources.last_vintage >= availability.survey_year, true)
        )
        and (
            not availability.column_name like '%_last_year'
            or exists (
                select 1
                from availability as previous
                where
                    previous.survey = availability.survey
                    and previous.survey_year = availability.survey_year - 1
            )
        ) as is_claimed

    from availability

),

wrong as (

    select
        table_name,
        column_name,
        dataset_id,
        case
            when is_claimed
                then 'xwalk_' || survey || '_variable claims it, and every record lacks it'
            else concat(
                'known of ', known_count, ' records; give xwalk_', survey, '_variable a line for ',
                survey_year
            )
        end as problem

    from claimed
    where is_claimed <> (known_count > 0)

)

select * from wrong
