-- Grain: one row per person of the CPS ASEC.
-- Codes become words, and the age a band [age_lower, age_upper): a year where it is exact, 80 to 84
-- for code 80, open above 85. A code of no list, or not asked, becomes null.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

rules as (

    select * from {{ ref('params_cps_asec_rule') }}

),

decoded as (

    select
        persons.dataset_id,
        persons.person_id,
        relationships.relationship = 'reference_person' as is_reference_person,
        relationships.relationship,
        persons.age,
        persons.age_code as age_lower,
        case
            when persons.age_code >= rules.age_top_code then null
            when persons.age_code = rules.age_band_code then rules.age_top_code
            else persons.age_code + 1
        end as age_upper,
        persons.age_code >= rules.age_band_code as is_age_topcoded,
        persons.is_female,
        races.race,
        persons.is_hispanic,
        educations.education,
        marital_statuses.marital_status,
        persons.is_disabled,
        persons.is_full_time_student,
        citizenships.citizenship,
        persons.weekly_hours_worked,
        persons.weeks_worked,
        persons.has_medicaid,
        persons.has_medicare

    from persons
    cross join rules
    left outer join {{ ref('codes_cps_relationship') }} as relationships
        on persons.relationship_code = relationships.code
    left outer join {{ ref('codes_cps_race') }} as races
        on persons.race_code = races.code
    left outer join {{ ref('codes_cps_education') }} as educations
        on persons.education_code = educations.code
    left outer join {{ ref('codes_cps_marital_status') }} as marital_statuses
        on persons.marital_status_code = marital_statuses.code
    left outer join {{ ref('codes_cps_citizenship') }} as citizenships
        on persons.citizenship_code = citizenships.code

)

select * from decoded
