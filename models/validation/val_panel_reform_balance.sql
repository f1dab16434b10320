-- Grain: one row per imputation of a reform's panel: its years in present values, by both laws.
with

balances as (

    select * from {{ ref('pnl_reform_balance') }}

)

select * from balances
order by imputation
