-- Grain: one row per person of the ACS, in housing units and group quarters.
-- Incomes are those told, times ADJINC: the twelve months before an interview some time in the year
-- become dollars of that year. Who was not asked (under 15) has null, not zero.
-- Nuance: interest, dividends and rents are one question, pensions and withdrawals another; they
-- have columns of their own. `person_weight` is the survey's; `design_weight` the household's,
-- zero in group quarters. The oldest of a state have the mean of their ages: from the rule's age
-- on a band that is open.
{{ config(enabled=target.name != 'tax_units') }}
with

records as (

    select * from {{ ref('int_kinship__acs') }}

),

harmonized as (

    select
        records.dataset_id,
        records.person_id,
        records.household_id,
        records.family_id,
        coalesce(records.related_subfamily_id, records.family_id) as subfamily_id,
        greatest(records.person_id, coalesce(records.spouse_person_id, records.person_id))
            as marital_unit_id,
        records.survey_year,
        records.income_year,
        records.line_number,
        records.person_weight,
        households.design_weight,
        records.is_reference_person,
        records.relationship,
        records.spouse_person_id,
        records.partner_person_id,
        records.parent1_person_id,
        records.parent2_person_id,
        records.age,
        least(records.age, rules.age_top_lower) as age_lower,
        case when records.age < rules.age_top_lower then records.age + 1 end as age_upper,
        records.age >= rules.age_top_lower as is_age_topcoded,
        records.is_female,
        races.race,
        records.is_hispanic,
        educations.education,
        marital_statuses.marital_status,
        records.is_disabled,
        records.is_full_time_student,
        citizenships.citizenship,
        records.weekly_hours_worked,
        records.weeks_worked,
        records.wages * records.income_adjustment as employment_income,
        records.other_income * records.income_adjustment as other_income,
        records.interest_dividends_rents * records.income_adjustment as property_income,
        records.retirement_income * records.income_adjustment as retirement_income,
        records.self_employment * records.income_adjustment as self_employment_income,
        records.social_security * records.income_adjustment as social_security,
        records.ssi * records.income_adjustment as ssi_reported,
        records.public_assistance * records.income_adjustment as tanf_reported,
        records.total_money_income * records.income_adjustment as total_money_income,
        records.has_medicaid,
        records.has_medicare,
        case
            when records.wages is not null
                then case when records.are_wages_allocated then 'allocated' else 'reported' end
        end as employment_income_origin,
        case
            when records.self_employment is not null
                then
                    case
                        when records.is_self_employment_allocated then 'allocated' else 'reported'
                    end
        end as self_employment_income_origin

    from records
    cross join {{ ref('params_acs_rule') }} as rules
    inner join {{ ref('int_household__acs') }} as households
        on
            records.dataset_id = households.dataset_id
            and records.household_id = households.household_id
    left outer join {{ ref('codes_acs_race') }} as races
        on records.race_code = races.code
    left outer join {{ ref('codes_acs_education') }} as educations
        on records.education_code = educations.code
    left outer join {{ ref('codes_acs_marital_status') }} as marital_statuses
        on records.marital_status_code = marital_statuses.code
    left outer join {{ ref('codes_acs_citizenship') }} as citizenships
        on records.citizenship_code = citizenships.code

)

select * from harmonized
