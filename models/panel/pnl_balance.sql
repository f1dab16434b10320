-- Grain: one row per imputation of the aged panel: its years in present values.
{{ config(materialized='view') }}
with

balances as (

    select * from {{ panel_rows('balance.parquet', {
        'first_year': 'bigint', 'last_year': 'bigint', 'income_rate': 'double',
        'cost_rate': 'double', 'actuarial_balance': 'double', 'depletion_year': 'bigint',
    }, ['imputation']) }}

),

named as (

    select
        imputation,
        cast(first_year as integer) as first_year,
        cast(last_year as integer) as last_year,
        income_rate,
        cost_rate,
        actuarial_balance,
        cast(depletion_year as integer) as depletion_year

    from balances

)

select * from named
