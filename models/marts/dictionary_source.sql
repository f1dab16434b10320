-- Grain: one row per line of a survey's variable crosswalk and range of vintages over which the
-- publisher's names stay the same.
-- Crosswalks speak of ranges that need not end alike: a variable's range is cut wherever one of the
-- columns it is made of changes its name, and each piece says the names of its years.
with

variables as (

    select
        survey,
        regexp_replace(table_name, '^(int_)?', 'int_') as table_name,
        variable as column_name,
        first_vintage,
        last_vintage,
        coalesce(source_columns, '') as read_columns,
        conversion,
        coalesce(comparability, '') as comparability,
        coalesce(first_vintage, 0) as range_start,
        row_number() over (
            order by survey, table_name, variable, first_vintage, conversion
        ) as line_number

    from {{ crosswalks('variable') }}

),

named as (

    select distinct
        variables.line_number,
        list_position(string_split(variables.read_columns, ' '), crosswalk.column_name) as place,
        crosswalk.source_column,
        coalesce(crosswalk.first_vintage, 0) as name_start,
        crosswalk.last_vintage as name_end

    from variables
    inner join {{ ref('dictionary_raw_column') }} as crosswalk
        on
            variables.survey = crosswalk.survey
            and list_contains(string_split(variables.read_columns, ' '), crosswalk.column_name)

),

edges as (

    select
        line_number,
        range_start as piece_start

    from variables
    union
    select
        line_number,
        unnest([name_start, name_end + 1]) as piece_start

    from named

),

pieces as (

    select
        variables.*,
        edges.piece_start,
        coalesce(
            lead(edges.piece_start) over (
                partition by edges.line_number order by edges.piece_start
            ) - 1,
            variables.last_vintage
        ) as piece_end

    from variables
    inner join edges on variables.line_number = edges.line_number
    where
        edges.piece_start >= variables.range_start
        and (variables.last_vintage is null or edges.piece_start <= variables.last_vintage)

),

resolved as (

    select distinct
        pieces.*,
        named.source_column,
        named.place

    from pieces
    left outer join named
        on
            pieces.line_number = named.line_number
            and pieces.piece_start >= named.name_start
            and (named.name_end is null or pieces.piece_start <= named.name_end)

),

listed as (

    select
        table_name,
        column_name,
        survey,
        nullif(piece_start, 0) as first_vintage,
        piece_end as last_vintage,
        coalesce(string_agg(source_column, ' ' order by place), '') as publisher_columns,
        read_columns,
        conversion,
        comparability

    from resolved
    group by
        line_number,
        table_name,
        column_name,
        survey,
        piece_start,
        piece_end,
        read_columns,
        conversion,
        comparability

)

select * from listed
order by table_name, column_name, survey, first_vintage nulls first, conversion
