-- Grain: one row per imputation, sex and fifth of lifetime earnings of a reform's panel.
-- Whose benefits of the last year compared rise or fall by a dollar a month or more.
{{ config(materialized='view') }}
with

winners as (

    select * from {{ panel_rows('winners.parquet', {
        'year': 'smallint', 'sex': 'varchar', 'fifth': 'tinyint', 'record_count': 'bigint',
        'persons': 'double', 'gain': 'double', 'lose': 'double', 'baseline_benefit': 'double',
        'reform_benefit': 'double', 'change_percent': 'double',
    }, ['imputation']) }}

),

named as (

    select
        imputation,
        cast(year as integer) as panel_year,
        sex,
        cast(fifth as integer) as earnings_fifth,
        record_count,
        persons,
        gain as gaining_persons,
        lose as losing_persons,
        baseline_benefit,
        reform_benefit,
        change_percent / 100 as benefit_change_share

    from winners

)

select * from named
