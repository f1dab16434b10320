-- Grain: one row per tax unit and copy: incomes of the Extended file and amounts of tax law.
-- Weights are the household's.
with

tax_units as (

    select * exclude (design_weight, money_income_change) from {{ ref('ext_tax_unit') }}

),

rules as (

    select * exclude (dataset_id, household_id, copy_id, state_fips, design_weight)
    from {{ ref('rul_tax_unit') }}

),

weights as (

    select * from {{ ref('cal_weight') }}

),

weighted as (

    select
        tax_units.*,
        rules.* exclude (tax_unit_id),  -- the star's own -- noqa: RF02
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight

    from tax_units
    inner join rules on tax_units.tax_unit_id = rules.tax_unit_id
    inner join weights on tax_units.household_id = weights.household_id

)

select * from weighted
order by tax_unit_id
