-- Grain: one row per household of the SIPP, and per household of the base records and copy.
-- Who gives and who receives, with the predictors that both have.
with

profiles as (

    select * from {{ ref('imp_household_profile') }}
    where is_base or survey = 'sipp'

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
        profiles.employment_income,
        profiles.self_employment_income,
        profiles.social_security,
        profiles.pension_income,
        profiles.interest_dividend_income,
        profiles.other_money_income,
        cast(profiles.other_money_income <= limits.income_limit as integer) as is_below_limit,
        case when not profiles.is_base then cast(households.snap_reported > 0 as integer) end
            as has_snap,
        case when not profiles.is_base then households.vehicles_owned end as vehicles_owned,
        case when not profiles.is_base then households.vehicles_value end as vehicles_value

    from profiles
    cross join {{ ref('params_means_test') }} as limits
    inner join {{ ref('int_household') }} as households
        on
            profiles.dataset_id = households.dataset_id
            and profiles.household_id = households.household_id

)

select * from records
