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
        cast(null as double) as property_income,
        cast(null as double) as retirement_income,
        cast(null as double) as employment_income_last_year,
        cast(null as double) as self_employment_income_last_year,
        cast(null as integer) as months_observed,
        cast(null as boolean) as is_annualised,
        cast(null as varchar) as child_support_expense_origin,
        cast(null as varchar) as child_support_received_origin,
        cast(null as varchar) as farm_income_origin,
        cast(null as varchar) as long_term_capital_gains_origin,
        cast(null as varchar) as non_qualified_dividend_income_origin,
        cast(null as varchar) as qualified_dividend_income_origin,
        cast(null as varchar) as rental_income_origin,
        cast(null as varchar) as retirement_contributions_origin,
        cast(null as varchar) as short_term_capital_gains_origin,
        cast(null as varchar) as social_security_origin,
        cast(null as varchar) as ssi_reported_origin,
        cast(null as varchar) as tanf_reported_origin,
        cast(null as varchar) as tax_exempt_interest_income_origin,
        cast(null as varchar) as tax_exempt_private_pension_income_origin,
        cast(null as varchar) as taxable_interest_income_origin,
        cast(null as varchar) as taxable_private_pension_income_origin,
        cast(null as varchar) as unemployment_compensation_origin,
        cast(null as varchar) as veterans_benefits_origin,
        cast(null as varchar) as workers_compensation_origin
    where false

)

select * from all_records
