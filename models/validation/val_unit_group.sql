-- Grain: one row per tax unit and copy.
-- The groups a tax unit belongs to: of its state, of its head's age, of its household's decile of
-- money income (which moves with the weights), of whether it files. `base_survey` is the weight of
-- copy 0, which keeps what was reported, standing for everybody.
with

deciles as (

    select
        household_id,
        max(decile) filter (where weight_stage = 'initial_weight') as initial_decile,
        max(decile) filter (where weight_stage = 'calibrated_weight') as calibrated_decile

    from {{ ref('val_household_decile') }}
    group by household_id

),

units as (

    select
        unit.tax_unit_id,
        unit.state_fips as state,
        heads.age_group as age,
        format('{:02d}', deciles.initial_decile) as decile_base_survey,
        format('{:02d}', deciles.initial_decile) as decile_initial_weight,
        format('{:02d}', deciles.calibrated_decile) as decile_calibrated_weight,
        if(unit.is_filer, 'filer', 'non-filer') as filer,
        if(unit.copy_id = 0, unit.initial_weight / copies.design_weight_share, 0) as base_survey,
        unit.initial_weight,
        unit.calibrated_weight

    from {{ ref('tax_unit') }} as unit
    left outer join {{ ref('params_copy') }} as copies
        on unit.copy_id = copies.copy_id and copies.build_target = '{{ target.name }}'
    left outer join deciles on unit.household_id = deciles.household_id
    left outer join {{ ref('codes_age_group') }} as heads
        on
            heads.grouping = 'head'
            and unit.age_head >= heads.lower_age
            and (unit.age_head < heads.upper_age or heads.upper_age is null)

)

select * from units
