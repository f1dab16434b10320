-- Grain: one row per family record of the CPS ASEC, related subfamilies included.
-- Rename and cast. FSUP_WGT has two implied decimals.
with

source as (

    select * from {{ source('cps_asec', 'family') }}

),

renamed as (

    select
        _dataset_id as dataset_id,
        cast(fh_seq as bigint) * 100 + cast(ffpos as bigint) as family_id,
        cast(fh_seq as bigint) as household_id,
        _survey_year as survey_year,
        _income_year as income_year,
        cast(fsup_wgt as double) / 100 as family_weight,
        cast(ftype as integer) as family_type_code,
        cast(fpersons as integer) as family_size,
        cast(frelu18 as integer) as related_children,
        cast(ftotval as double) as official_money_income,
        cast(fpovcut as double) as official_poverty_threshold,
        nullif(greatest(cast(famlis as integer), 0), 0) as official_poverty_code

    from source

)

select * from renamed
