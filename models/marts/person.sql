-- Grain: one row per person and copy. Weights are the household's.
with

persons as (

    select
        extended.* exclude (design_weight),
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight

    from {{ ref('ext_person') }} as extended
    inner join {{ ref('cal_weight') }} as weights
        on extended.household_id = weights.household_id

)

select * from persons
order by person_id
