-- Grain: one row per imputation and year of the aged panel.
-- Cost, income, rates and assets as the panel's flow adds them up, beside the Trustees' rates.
{{ config(materialized='view') }}
with

finances as (

    select * from {{ panel_rows('finance.parquet', {
        'year': 'smallint', 'benefit_payments': 'double', 'administration': 'double',
        'railroad': 'double', 'cost': 'double', 'taxable_payroll': 'double',
        'payroll_tax': 'double', 'taxation_of_benefits': 'double', 'interest': 'double',
        'income': 'double', 'cost_rate': 'double', 'income_rate': 'double',
        'balance_rate': 'double', 'assets': 'double', 'trust_fund_ratio': 'double',
        'covered_workers': 'double', 'beneficiaries': 'double',
        'trustees_cost_rate': 'double', 'trustees_income_rate': 'double',
        'cost_rate_difference': 'double', 'due_to_beneficiaries_per_worker': 'double',
        'due_to_benefit_over_earnings': 'double',
    }, ['imputation']) }}

),

named as (

    select
        imputation,
        cast(year as integer) as panel_year,
        * exclude (imputation, year)

    from finances

)

select * from named
