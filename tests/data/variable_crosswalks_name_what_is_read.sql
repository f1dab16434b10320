-- Columns that a variable crosswalk names and that no file has in the vintages of the line.
with

named as (

    select
        table_name,
        column_name,
        survey,
        min(coalesce(first_vintage, 0)) as first_vintage,
        read_columns,
        unnest(string_split(read_columns, ' ')) as read_column

    from {{ ref('dictionary_source') }}
    where read_columns <> ''
    group by table_name, column_name, survey, read_columns

)

select
    named.table_name,
    named.column_name,
    named.survey,
    named.read_column,
    'xwalk_' || named.survey || '_column has no name for it' as problem

from named
left outer join {{ ref('dictionary_raw_column') }} as raw_columns
    on
        named.survey = raw_columns.survey
        and named.read_column = raw_columns.column_name
        and raw_columns.source_column is not null
        and coalesce(named.first_vintage <= raw_columns.last_vintage, true)
where raw_columns.column_name is null
