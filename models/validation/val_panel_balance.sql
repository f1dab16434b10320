-- Grain: one row per imputation of the aged panel: its years in present values.
with

balances as (

    select * from {{ ref('pnl_balance') }}

)

select * from balances
order by imputation
