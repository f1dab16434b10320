-- Grain: one row per housing record of the ACS: occupied units, vacant units, group quarters.
-- Rename, cast, decode. Both factors have six implied decimals. Dollars are as told to the
-- interviewer: rents and payments a month, taxes a year; blank was not asked and becomes null.
with

source as (

    select * from {{ source('acs', 'household') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        {{ acs_household_id('serialno') }} as household_id,
        _survey_year as survey_year,
        _income_year as income_year,
        lpad(state, 2, '0') as state_fips,
        lpad(state, 2, '0') || lpad(puma, 5, '0') as puma,
        cast(wgtp as double) as design_weight,
        cast(adjhsg as double) / 1000000 as housing_adjustment,
        cast(adjinc as double) / 1000000 as income_adjustment,
        cast(type as integer) as unit_type_code,
        cast(np as integer) as household_size,
        cast(npf as integer) as family_size,
        cast(ten as integer) as tenure_code,
        cast(veh as integer) as vehicles_owned,
        {{ yes_no('fs') }} as has_snap,
        cast(fincp as double) as family_money_income,
        cast(grntp as double) as monthly_gross_rent,
        cast(hincp as double) as household_money_income,
        cast(mrgp as double) as monthly_mortgage_payment,
        cast(rntp as double) as monthly_rent,
        cast(taxamt as double) as property_tax,
        cast(taxp as integer) as property_tax_code,
        cast(valp as double) as property_value,
        cast(val as integer) as property_value_code,
        frntp = '1' as is_rent_allocated,
        ftaxp = '1' as is_property_tax_allocated,
        fvalp = '1' as is_property_value_allocated

    from source

)

select * from decoded
