-- Grain: one row per household and copy.
with

households as (

    select
        extended.* exclude (design_weight, copy_id, source_household_id, net_worth_origin),
        extended.copy_id,
        extended.source_household_id,
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight,
        weights.weight_ratio,
        extended.net_worth_origin

    from {{ ref('ext_household') }} as extended
    inner join {{ ref('cal_weight') }} as weights
        on extended.household_id = weights.household_id

)

select * from households
order by household_id
