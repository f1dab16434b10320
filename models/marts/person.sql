-- Grain: one row per person and copy. Weights are the household's.
with

persons as (

    select * exclude (design_weight) from {{ ref('ext_person') }}

),

weights as (

    select * from {{ ref('cal_weight') }}

),

weighted as (

    select
        persons.*,
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight

    from persons
    inner join weights on persons.household_id = weights.household_id

)

select * from weighted
order by person_id
