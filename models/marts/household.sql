-- Grain: one row per household and copy.
with

households as (

    select * exclude (design_weight) from {{ ref('ext_household') }}

),

weights as (

    select * from {{ ref('cal_weight') }}

),

weighted as (

    select
        households.*,
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight,
        weights.weight_ratio

    from households
    inner join weights on households.household_id = weights.household_id

)

select * from weighted
order by household_id
