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
        tax_units.dataset_id,
        tax_units.household_id,
        tax_units.survey_year,
        tax_units.income_year,
        tax_units.state_fips,
        cast(null as varchar) as county_fips,
        cast(null as boolean) as is_metropolitan,
        cast(null as varchar) as tenure_type,
        cast(sum(tax_units.n_members) as integer) as household_size,
        cast(null as boolean) as is_group_quarters,
        tax_units.design_weight,
        cast(null as double) as energy_assistance_reported,
        fsum({{ money_income('tax_units') }} order by tax_units.tax_unit_id)
            as household_money_income,
        cast(null as double) as property_value,
        cast(null as double) as rent,
        fsum(tax_units.snap order by tax_units.tax_unit_id) as snap_reported,
        cast(null as boolean) as is_public_housing,
        cast(null as boolean) as is_rent_subsidised

    from tax_units
    group by
        tax_units.dataset_id,
        tax_units.household_id,
        tax_units.survey_year,
        tax_units.income_year,
        tax_units.state_fips,
        tax_units.design_weight

)

select * from households
