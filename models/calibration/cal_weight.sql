-- Grain: one row per household and copy of the Extended file.
-- The one weight of a household, at its three stages; everybody in it inherits it.
with

solved as (

    select
        position as household_index,
        number as calibrated_weight

    from {{ ref('cal_solution') }}
    where part = 'weight'

),

weights as (

    select
        households.household_id,
        units.copy_id,
        households.state_fips,
        units.design_weight,
        households.initial_weight,
        solved.calibrated_weight,
        solved.calibrated_weight / nullif(households.initial_weight, 0) as weight_ratio

    from solved
    inner join {{ ref('cal_household_index') }} as households
        on solved.household_index = households.household_index
    inner join {{ ref('cal_unit_household') }} as units
        on households.household_id = units.household_id

)

select * from weights
