-- Grain: one row per SPM unit and copy of the Extended file.
-- What targets may ask of a unit that shares resources.
with

spm_units as (

    select
        spm_unit.household_id,
        spm_unit.spm_unit_id as unit_id,
        household.state_fips,
        spm_unit.snap,
        spm_unit.wic

    from {{ ref('ext_spm_unit') }} as spm_unit
    inner join {{ ref('ext_household') }} as household
        on spm_unit.household_id = household.household_id

)

select * from spm_units
