-- Grain: one row per imputation and year of a reform's panel: both laws beside each other.
-- What the flow writes beside the years of a reform; a panel of present law has none of it.
{{ config(materialized='view') }}
with

effects as (

    select * from {{ panel_rows('effect.parquet', {
        'year': 'smallint',
        'baseline_cost': 'double', 'reform_cost': 'double', 'cost_change': 'double',
        'baseline_income': 'double', 'reform_income': 'double', 'income_change': 'double',
        'baseline_taxable_payroll': 'double', 'reform_taxable_payroll': 'double',
        'taxable_payroll_change': 'double',
        'baseline_cost_rate': 'double', 'reform_cost_rate': 'double',
        'cost_rate_change': 'double',
        'baseline_income_rate': 'double', 'reform_income_rate': 'double',
        'income_rate_change': 'double',
        'baseline_balance_rate': 'double', 'reform_balance_rate': 'double',
        'balance_rate_change': 'double',
        'baseline_assets': 'double', 'reform_assets': 'double', 'assets_change': 'double',
    }, ['imputation']) }}

),

named as (

    select
        imputation,
        cast(year as integer) as panel_year,
        * exclude (imputation, year)

    from effects

)

select * from named
