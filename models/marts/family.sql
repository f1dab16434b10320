-- Grain: one row per family and copy. Weights are the household's.
with

families as (

    select * exclude (design_weight) from {{ ref('ext_family') }}

),

weights as (

    select * from {{ ref('cal_weight') }}

),

weighted as (

    select
        families.*,
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight

    from families
    inner join weights on families.household_id = weights.household_id

)

select * from weighted
order by family_id
