-- Grain: one row per household of Tax-Calculator's CPS file: the tax units that share a survey
-- year and a household number. Its money income sums what the file has of the Census concept
-- (no capital gains, no benefits in kind); survivors', child support and the like are missing.
{{ config(enabled=target.name == 'tax_units') }}
with

tax_units as (

    select * from {{ ref('int_tax_unit__taxcalc_cps') }}

),

households as (

    select
        dataset_id,
        household_id,
        survey_year,
        income_year,
        state_fips,
        cast(null as varchar) as county_fips,
        cast(null as boolean) as is_metropolitan,
        cast(null as varchar) as tenure_type,
        cast(sum(n_members) as integer) as household_size,
        cast(null as boolean) as is_group_quarters,
        design_weight,
        cast(null as double) as energy_assistance_reported,
        fsum({{ money_income('tax_units') }}) as household_money_income,
        cast(null as double) as property_value,
        cast(null as double) as rent,
        fsum(snap) as snap_reported,
        cast(null as boolean) as is_public_housing,
        cast(null as boolean) as is_rent_subsidised

    from tax_units
    group by dataset_id, household_id, survey_year, income_year, state_fips, design_weight

)

select * from households
