-- Grain: one row per spm unit and copy. Weights are the household's.
with

spm_units as (

    select
        extended.* exclude (design_weight),
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight

    from {{ ref('ext_spm_unit') }} as extended
    inner join {{ ref('cal_weight') }} as weights
        on extended.household_id = weights.household_id

)

select * from spm_units
order by spm_unit_id
