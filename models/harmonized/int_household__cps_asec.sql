-- Grain: one row per interviewed household of the CPS ASEC.
-- Non-interviews (type A, B, C) have neither weight nor persons and are left out.
{{ config(enabled=target.name != 'tax_units') }}
with

households as (

    select * from {{ ref('stg_cps_asec__household') }}
    where is_interviewed

),

tenures as (

    select * from {{ ref('codes_cps_tenure') }}

),

living_quarters as (

    select * from {{ ref('codes_cps_living_quarters') }}

),

harmonized as (

    select
        households.dataset_id,
        households.household_id,
        households.survey_year,
        households.income_year,
        households.state_fips,
        households.county_fips,
        households.is_metropolitan,
        tenures.tenure_type,
        households.household_size,
        living_quarters.is_group_quarters,
        households.design_weight,
        households.energy_assistance_reported,
        households.household_money_income,
        households.property_value,
        cast(null as double) as rent,
        households.snap_reported,
        households.is_public_housing,
        households.is_rent_subsidised

    from households
    left outer join tenures
        on
            households.tenure_code = tenures.code
            and (tenures.has_mortgage is null or households.has_mortgage = tenures.has_mortgage)
    left outer join living_quarters
        on households.living_quarters_code = living_quarters.code

)

select * from harmonized
