-- Grain: one row per column that a survey's record is read for and range of vintages.
-- What the crosswalks of columns say. A line for numbered columns, `weight{1..80}`, stands for
-- itself and for each of its numbers.
with

written as (

    select
        survey,
        record,
        column_name,
        first_vintage,
        last_vintage,
        source_column,
        coalesce(note, '') as note,
        regexp_extract(column_name, '\{[0-9]+\.\.[0-9]+\}') as numbers

    from {{ crosswalks('column') }}

),

numbered as (

    select
        written.*,
        cast(
            unnest(
                range(
                    cast(regexp_extract(written.numbers, '[0-9]+') as bigint),
                    cast(regexp_extract(written.numbers, '([0-9]+)\}', 1) as bigint) + 1
                )
            ) as varchar
        ) as place

    from written
    where written.numbers <> ''

),

named as (

    select
        survey,
        record,
        column_name,
        first_vintage,
        last_vintage,
        source_column,
        note

    from written
    union all
    select
        numbered.survey,
        numbered.record,
        replace(numbered.column_name, numbered.numbers, numbered.place) as column_name,
        numbered.first_vintage,
        numbered.last_vintage,
        replace(numbered.source_column, numbered.numbers, numbered.place) as source_column,
        numbered.note

    from numbered

)

select * from named
order by survey, record, column_name, first_vintage nulls first
