-- Grain: one row per household and copy of the Extended file.
-- Copy 0 keeps what was reported and takes from the donors only what the survey does not ask;
-- copy 1 has its capital income replaced. The design weight is split between the copies, so that
-- their sum is still the population. Money income moves by what its tax units drew.
with

households as (

    select * from {{ base_records('household') }}

),

copies as (

    select * from {{ ref('params_copy') }}

),

draws as (

    select * from {{ ref('imp_scf') }}

),

money_income_changes as (

    select
        household_id,
        fsum(money_income_change order by tax_unit_id) as money_income_change

    from {{ ref('ext_tax_unit') }}
    group by household_id

),

extended as (

    select
        households.dataset_id,
        households.household_id + copies.copy_id * {{ copy_id_offset() }} as household_id,
        copies.copy_id,
        households.household_id as source_household_id,
        households.survey_year,
        households.income_year,
        households.state_fips,
        households.county_fips,
        households.design_weight * copies.design_weight_share as design_weight,
        households.is_metropolitan,
        households.tenure_type,
        households.household_size,
        households.is_group_quarters,
        households.energy_assistance_reported,
        households.household_money_income + money_income_changes.money_income_change
            as household_money_income,
        draws.net_worth,
        households.property_value,
        households.rent,
        households.snap_reported,
        households.is_public_housing,
        households.is_rent_subsidised,
        'imputed_' || draws.donor_dataset_id as net_worth_origin

    from households
    cross join copies
    inner join draws
        on
            households.household_id = draws.household_id
            and copies.copy_id = draws.copy_id
    inner join money_income_changes
        on
            households.household_id + copies.copy_id * {{ copy_id_offset() }}
            = money_income_changes.household_id

)

select * from extended
