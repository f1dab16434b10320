-- Grain: one row per person of every survey and vintage of this build.
-- One schema: what a survey does not ask is null.
with

all_records as (
    {{ all_surveys('person') }}

    -- What only some surveys ask, and so perhaps none of this build.
    union all by name
    select
        cast(null as double) as tip_income,
        cast(null as double) as bank_account_assets,
        cast(null as double) as stock_assets,
        cast(null as double) as bond_assets,
        cast(null as double) as employment_income_last_year,
        cast(null as double) as self_employment_income_last_year,
        cast(null as integer) as months_observed,
        cast(null as boolean) as is_annualised
    where false

)

select * from all_records
