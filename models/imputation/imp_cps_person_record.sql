-- Grain: one row per person and copy of the base records, where the base has amounts of persons.
-- Copy 0 gives what it reported; copy 1+, with other incomes, receives. What a person
-- contributes to retirement hangs on earnings, what is means-tested on the household's income.
-- Coverage by Medicaid is a number here, as a forest reads it.
with

persons as (

    select * from {{ base_records('person') }}

),

records as (

    select
        profiles.copy_id = 0 as is_donor,
        persons.dataset_id,
        persons.person_id,
        profiles.copy_id,
        persons.person_weight as design_weight,
        coalesce(persons.age, persons.age_lower) as age,
        cast(persons.is_female as integer) as is_female,
        cast(coalesce(persons.is_disabled, false) as integer) as is_disabled,
        cast(persons.spouse_person_id is not null as integer) as is_married,
        persons.employment_income,
        persons.self_employment_income + persons.farm_income as self_employment_income,
        cast(
            persons.employment_income > 0
            or persons.self_employment_income + persons.farm_income > 0
            as integer
        ) as is_earner,
        persons.social_security,
        profiles.household_size,
        profiles.n_under_18,
        profiles.is_owner,
        profiles.interest_dividend_income,
        profiles.other_money_income,
        cast(profiles.other_money_income <= limits.income_limit as integer) as is_below_limit,
        {% for amount in [
            'ssi_reported', 'tanf_reported', 'taxable_401k_distributions',
            'taxable_ira_distributions', 'tax_exempt_ira_distributions', 'retirement_contributions',
        ] -%}
            case when profiles.copy_id = 0 then persons.{{ amount }} end as {{ amount }},
        {% endfor -%}
        case when profiles.copy_id = 0 then cast(persons.has_medicaid as integer) end
            as has_medicaid

    from persons
    cross join {{ ref('params_means_test') }} as limits
    inner join {{ ref('imp_household_profile') }} as profiles
        on
            persons.dataset_id = profiles.dataset_id
            and persons.household_id = profiles.household_id
    where persons.ssi_reported is not null and persons.person_weight > 0

)

select * from records
