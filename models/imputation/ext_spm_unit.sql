-- Grain: one row per SPM unit and copy of the Extended file.
-- Resources of copy 1 would be those of other incomes and are null; benefits stay as reported.
with

extended as (

    select
        spm_units.* replace (
            spm_units.spm_unit_id + copies.copy_id * {{ copy_id_offset() }} as spm_unit_id,
            spm_units.household_id + copies.copy_id * {{ copy_id_offset() }} as household_id,
            spm_units.design_weight * copies.design_weight_share as design_weight,
            case when copies.copy_id = 0 then spm_units.federal_tax end as federal_tax,
            case when copies.copy_id = 0 then spm_units.state_tax end as state_tax,
            case when copies.copy_id = 0 then spm_units.spm_resources end as spm_resources,
            case when copies.copy_id = 0 then spm_units.is_spm_poor end as is_spm_poor
        ),
        copies.copy_id

    from {{ base_records('spm_unit') }} as spm_units
    cross join {{ ref('params_copy') }} as copies

)

select * from extended
