-- Grain: one row per household of the base records and copy.
-- The contracted face of the draw from the SCF: for each variable the value of one donor family,
-- each variable from its own random stream, and which donor it was.
with

draws as (

    select * from {{ ref('imp_scf_draw') }}

),

typed as (

    select
        cast(household_id as bigint) as household_id,
        cast(copy_id as integer) as copy_id,
        cast(business_income as double) as business_income,
        cast(capital_gains as double) as capital_gains,
        cast(interest_dividend_income as double) as interest_dividend_income,
        cast(net_worth as double) as net_worth,
        cast(donor_dataset_id as varchar) as donor_dataset_id,
        cast(imputation_run_id as varchar) as imputation_run_id

    from draws

)

select * from typed
