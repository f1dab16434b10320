-- Grain: one row per household and copy of the Extended file.
-- What targets may ask of a household, and the weight that calibration starts from: the copy's
-- share of the design weight, ratio-adjusted to the published civilian population, since a
-- survey of another year or universe represents another number of people.
with

households as (

    select * from {{ ref('ext_household') }}

),

population as (

    select value as published
    from {{ ref('stg_facts__fact') }}
    where
        variable = 'civilian_population'
        and geography_level = 'national'
        and constraints = ''
        and period = {{ var('income_year') }}

),

represented as (

    select fsum(design_weight * household_size) as persons from households

),

measured as (

    select
        households.household_id,
        households.household_id as unit_id,
        households.state_fips,
        households.household_size,
        households.tenure_type,
        households.copy_id,
        households.design_weight,
        households.design_weight * population.published / represented.persons as initial_weight,
        households.net_worth,
        households.rent

    from households
    cross join population
    cross join represented

)

select * from measured
