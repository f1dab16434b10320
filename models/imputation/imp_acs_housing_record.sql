-- Grain: one row per household of the ACS that told its rent or property tax, and per household of
-- the base records and copy.
-- Who gives and who receives, with the predictors that both have. Donors told the amount: what the
-- publisher allocated teaches nothing.
with

profiles as (

    select * from {{ ref('imp_household_profile') }}
    where is_base or survey = 'acs'

),

records as (

    select
        not profiles.is_base as is_donor,
        profiles.dataset_id,
        profiles.household_id,
        profiles.copy_id,
        profiles.design_weight,
        profiles.household_size,
        profiles.age,
        profiles.is_female,
        profiles.is_couple,
        profiles.n_under_18,
        profiles.is_owner,
        profiles.has_mortgage,
        profiles.is_renter,
        profiles.property_value,
        profiles.employment_income,
        profiles.self_employment_income,
        profiles.social_security,
        profiles.pension_income,
        case when not profiles.is_base then households.rent end as rent,
        case when not profiles.is_base then households.real_estate_taxes end as real_estate_taxes

    from profiles
    inner join {{ ref('int_household') }} as households
        on
            profiles.dataset_id = households.dataset_id
            and profiles.household_id = households.household_id
    where
        profiles.is_base
        or (
            households.rent_origin in ('reported', 'structural_zero')
            and households.real_estate_taxes_origin in ('reported', 'structural_zero')
        )

)

select * from records
