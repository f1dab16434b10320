-- Grain: one row per imputation of a reform's panel: its years in present values, by both laws.
{{ config(materialized='view') }}
with

balances as (

    select * from {{ panel_rows('balances.parquet', {
        'first_year': 'bigint', 'last_year': 'bigint',
        'baseline_income_rate': 'double', 'reform_income_rate': 'double',
        'income_rate_change': 'double',
        'baseline_cost_rate': 'double', 'reform_cost_rate': 'double',
        'cost_rate_change': 'double',
        'baseline_actuarial_balance': 'double', 'reform_actuarial_balance': 'double',
        'actuarial_balance_change': 'double',
        'baseline_depletion_year': 'bigint', 'reform_depletion_year': 'bigint',
    }, ['imputation']) }}

),

named as (

    select
        imputation,
        cast(first_year as integer) as first_year,
        cast(last_year as integer) as last_year,
        baseline_income_rate,
        reform_income_rate,
        income_rate_change,
        baseline_cost_rate,
        reform_cost_rate,
        cost_rate_change,
        baseline_actuarial_balance,
        reform_actuarial_balance,
        actuarial_balance_change,
        cast(baseline_depletion_year as integer) as baseline_depletion_year,
        cast(reform_depletion_year as integer) as reform_depletion_year

    from balances

)

select * from named
