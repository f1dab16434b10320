-- Grain: one row per person of 15 and over of the SIPP, and per such person of the base records and
-- copy.
-- Who gives and who receives, with the predictors that both have. What the household draws of
-- interest and dividends stands for what its members own. Tips are part of wages.
with

profiles as (

    select * from {{ ref('imp_household_profile') }}
    where is_base or survey = 'sipp'

),

records as (

    select
        not profiles.is_base as is_donor,
        persons.dataset_id,
        persons.person_id,
        profiles.copy_id,
        persons.person_weight as design_weight,
        coalesce(persons.age, persons.age_lower) as age,
        cast(persons.is_female as integer) as is_female,
        cast(persons.spouse_person_id is not null as integer) as is_married,
        cast(persons.is_reference_person as integer) as is_reference_person,
        profiles.household_size,
        profiles.n_under_18,
        profiles.n_under_6,
        profiles.is_owner,
        coalesce(persons.employment_income, 0) as employment_income,
        cast(coalesce(persons.employment_income, 0) > 0 as integer) as is_employed,
        coalesce(persons.self_employment_income, 0) as self_employment_income,
        coalesce(persons.social_security, 0) as social_security,
        coalesce(persons.weekly_hours_worked, 0) as weekly_hours_worked,
        profiles.interest_dividend_income,
        case when not profiles.is_base then persons.tip_income end as tip_income,
        case when not profiles.is_base then persons.bank_account_assets end as bank_account_assets,
        case when not profiles.is_base then persons.stock_assets end as stock_assets,
        case when not profiles.is_base then persons.bond_assets end as bond_assets

    from {{ ref('int_person') }} as persons
    cross join {{ ref('params_sipp_rule') }} as rules
    inner join profiles
        on
            persons.dataset_id = profiles.dataset_id
            and persons.household_id = profiles.household_id
    where
        coalesce(persons.age, persons.age_lower) >= rules.income_universe_age
        and persons.person_weight > 0
        and (profiles.is_base or persons.bank_account_assets is not null)

)

select * from records
