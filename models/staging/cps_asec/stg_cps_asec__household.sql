-- Grain: one row per household record of the CPS ASEC, interviewed or not.
-- Rename, cast, decode. HSUP_WGT has two implied decimals. Zero is not a county.
with

source as (

    select * from {{ source('cps_asec', 'household') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        cast(h_seq as bigint) as household_id,
        _survey_year as survey_year,
        _income_year as income_year,
        lpad(gestfips, 2, '0') as state_fips,
        case
            when cast(gtco as integer) > 0 then lpad(gestfips, 2, '0') || lpad(gtco, 3, '0')
        end as county_fips,
        {{ yes_no('gtmetsta') }} as is_metropolitan,
        cast(hsup_wgt as double) / 100 as design_weight,
        cast(h_hhtype as integer) = 1 as is_interviewed,
        cast(h_numper as integer) as household_size,
        cast(h_tenure as integer) as tenure_code,
        {{ yes_no('hpres_mort') }} as has_mortgage,
        cast(h_livqrt as integer) as living_quarters_code,
        {{ yes_no('hpublic') }} as is_public_housing,
        {{ yes_no('hlorent') }} as is_rent_subsidised,
        nullif(cast(hengval as double), -1) as energy_assistance_reported,
        cast(htotval as double) as household_money_income,
        nullif(cast(hprop_val as double), -1) as property_value,
        nullif(cast(hfdval as double), -1) as snap_reported

    from source

)

select * from decoded
