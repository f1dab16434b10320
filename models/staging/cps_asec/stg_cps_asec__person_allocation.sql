-- Grain: one row per person record of the CPS ASEC.
-- Rename and cast the flags that say how an amount was allocated. 0 is as reported, or not in
-- universe; 1 to 3 within the range reported, 4 to 8 without, 9 a whole record imputed; of amounts
-- made of several questions 11 to 15 say how much of it was (15: all).
with

source as (

    select * from {{ source('cps_asec', 'person_allocation') }}

),

renamed as (

    select
        _dataset_id as dataset_id,
        cast(ph_seq as bigint) * 100 + cast(p_seq as bigint) as person_id,
        cast(i_annval as integer) as annuities_allocation_code,
        cast(i_capval as integer) as capital_gains_allocation_code,
        cast(i_chspval as integer) as child_support_paid_allocation_code,
        cast(i_cspval as integer) as child_support_received_allocation_code,
        cast(i_divval as integer) as dividends_allocation_code,
        cast(i_frmval as integer) as other_farm_self_employment_allocation_code,
        cast(i_intval as integer) as interest_allocation_code,
        cast(i_pawval as integer) as public_assistance_allocation_code,
        cast(i_penval1 as integer) as pension1_allocation_code,
        cast(i_penval2 as integer) as pension2_allocation_code,
        cast(i_retcbval as integer) as retirement_contributions_allocation_code,
        cast(i_rntval as integer) as rents_allocation_code,
        cast(i_ssival as integer) as ssi_allocation_code,
        cast(i_ssval as integer) as social_security_allocation_code,
        cast(i_ucval as integer) as unemployment_compensation_allocation_code,
        cast(i_vetval as integer) as veterans_benefits_allocation_code,
        cast(i_wcval as integer) as workers_compensation_allocation_code

    from source

)

select * from renamed
