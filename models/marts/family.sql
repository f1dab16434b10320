-- Grain: one row per family and copy. Weights are the household's.
with

families as (

    select
        extended.* exclude (design_weight),
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight

    from {{ ref('ext_family') }} as extended
    inner join {{ ref('cal_weight') }} as weights
        on extended.household_id = weights.household_id

)

select * from families
order by family_id
