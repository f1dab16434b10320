-- Grain: one row per tax unit and copy: incomes of the Extended file and amounts of tax law.
-- Weights are the household's.
with

tax_units as (

    select
        extended.* exclude (design_weight, money_income_change),
        rules.* exclude (
            dataset_id, tax_unit_id, household_id, copy_id, state_fips, design_weight
        ),
        weights.design_weight,
        weights.initial_weight,
        weights.calibrated_weight

    from {{ ref('ext_tax_unit') }} as extended
    inner join {{ ref('rul_tax_unit') }} as rules
        on extended.tax_unit_id = rules.tax_unit_id
    inner join {{ ref('cal_weight') }} as weights
        on extended.household_id = weights.household_id

)

select * from tax_units
order by tax_unit_id
