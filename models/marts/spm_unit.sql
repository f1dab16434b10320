-- Grain: one row per SPM unit and copy. Weights are the household's.
with

spm_units as (

    select * exclude (design_weight) from {{ ref('ext_spm_unit') }}

),

weights as (

    select * from {{ ref('cal_weight') }}

),

weighted as (

    select
        spm_units.*,
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight

    from spm_units
    inner join weights on spm_units.household_id = weights.household_id

)

select * from weighted
order by spm_unit_id
