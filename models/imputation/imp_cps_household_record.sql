-- Grain: one row per household and copy of the base records; of many households, so many give.
-- Copy 0 gives what it reported; the others, whose incomes were replaced, receive. Benefits in kind
-- are the household's; cash benefits too where the base has no amounts of persons.
{%- set most_donors = 40000 %}
with

profiles as (

    select
        *,
        count(*) over (partition by copy_id) as household_count

    from {{ ref('imp_household_profile') }}
    where is_base

),

tax_units as (

    select
        {% for amount in ['housing_value', 'medicaid_value', 'ssi', 'tanf'] -%}
            {{ exact_sum(amount) }} as {{ amount }},
        {% endfor -%}
        household_id

    from {{ base_records('tax_unit') }}
    group by household_id

),

spm_units as (

    select
        {% for amount in ['broadband_subsidy', 'housing_subsidy', 'school_meals', 'wic'] -%}
            {{ exact_sum(amount) }} as {{ amount }},
        {% endfor -%}
        household_id

    from {{ base_records('spm_unit') }}
    group by household_id

),

cash_of_persons as (

    select distinct household_id from {{ base_records('person') }}
    where ssi_reported is not null

),

reported as (

    select
        households.household_id,
        0 as copy_id,
        households.snap_reported,
        households.energy_assistance_reported,
        spm_units.broadband_subsidy,
        spm_units.housing_subsidy,
        spm_units.school_meals,
        spm_units.wic,
        tax_units.housing_value,
        tax_units.medicaid_value,
        case when cash_of_persons.household_id is null then tax_units.ssi end as ssi,
        case when cash_of_persons.household_id is null then tax_units.tanf end as tanf

    from {{ base_records('household') }} as households
    inner join tax_units on households.household_id = tax_units.household_id
    inner join spm_units on households.household_id = spm_units.household_id
    left outer join cash_of_persons on households.household_id = cash_of_persons.household_id

),

records as (

    select
        profiles.copy_id = 0 as is_donor,
        profiles.dataset_id,
        profiles.household_id,
        profiles.copy_id,
        profiles.design_weight,
        profiles.household_size,
        profiles.age,
        profiles.is_female,
        profiles.is_couple,
        profiles.n_under_18,
        profiles.n_under_6,
        profiles.is_owner,
        profiles.employment_income,
        profiles.self_employment_income,
        profiles.social_security,
        profiles.pension_income,
        profiles.other_money_income,
        cast(profiles.other_money_income <= limits.income_limit as integer) as is_below_limit,
        reported.snap_reported,
        reported.energy_assistance_reported,
        reported.broadband_subsidy,
        reported.housing_subsidy,
        reported.school_meals,
        reported.wic,
        reported.housing_value,
        reported.medicaid_value,
        reported.ssi,
        reported.tanf

    from profiles
    cross join {{ ref('params_means_test') }} as limits
    left outer join reported
        on
            profiles.household_id = reported.household_id
            and profiles.copy_id = reported.copy_id
    where
        profiles.copy_id >= 1
        or {{ hash_bucket("cast(profiles.household_id as varchar)", 1000000) }}
        < 1000000.0 * {{ most_donors }} / profiles.household_count

)

select * from records
