-- Grain: one row per person of the CPS ASEC.
-- Keys of every unit the person is in, kin, decoded characteristics, and the survey's amounts.
-- Nuance: `person_weight` is the survey's own (it differs within households); `design_weight` is
-- the household's, inherited. The age band is [age_lower, age_upper): a year where the age is
-- exact, 80 to 84 for code 80, open above 85.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

decoded as (

    select
        persons.*,
        relationships.relationship,
        races.race,
        educations.education,
        marital_statuses.marital_status,
        citizenships.citizenship,
        rules.age_band_code,
        rules.age_top_code

    from persons
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
    cross join {{ ref('params_cps_asec_rule') }} as rules

),

harmonized as (

    select
        decoded.dataset_id,
        decoded.person_id,
        decoded.household_id,
        decoded.family_id,
        decoded.subfamily_id,
        decoded.spm_unit_id,
        members.tax_unit_id,
        kinship.marital_unit_id,
        decoded.survey_year,
        decoded.income_year,
        decoded.line_number,
        decoded.person_weight,
        households.design_weight,
        decoded.relationship = 'reference_person' as is_reference_person,
        decoded.relationship,
        kinship.spouse_person_id,
        kinship.partner_person_id,
        kinship.parent1_person_id,
        kinship.parent2_person_id,
        members.tax_unit_role,
        decoded.age,
        decoded.age_code as age_lower,
        case
            when decoded.age_code >= decoded.age_top_code then null
            when decoded.age_code = decoded.age_band_code then decoded.age_top_code
            else decoded.age_code + 1
        end as age_upper,
        decoded.age_code >= decoded.age_band_code as is_age_topcoded,
        decoded.is_female,
        decoded.race,
        decoded.is_hispanic,
        decoded.education,
        decoded.marital_status,
        decoded.is_disabled,
        decoded.is_full_time_student,
        decoded.citizenship,
        decoded.weekly_hours_worked,
        decoded.weeks_worked,
        incomes.alimony_income,
        incomes.child_support_expense,
        incomes.child_support_received,
        incomes.disability_benefits,
        incomes.employment_income,
        incomes.farm_income,
        incomes.health_insurance_premiums,
        incomes.long_term_capital_gains,
        incomes.medicare_premiums,
        incomes.non_qualified_dividend_income,
        incomes.other_income,
        incomes.other_medical_expenses,
        incomes.over_the_counter_health_expenses,
        incomes.qualified_dividend_income,
        incomes.rental_income,
        incomes.retirement_contributions,
        incomes.self_employment_income,
        incomes.short_term_capital_gains,
        incomes.social_security,
        incomes.social_security_dependents,
        incomes.social_security_disability,
        incomes.social_security_retirement,
        incomes.social_security_survivors,
        incomes.ssi_reported,
        incomes.tanf_reported,
        incomes.tax_exempt_interest_income,
        incomes.tax_exempt_ira_distributions,
        incomes.tax_exempt_private_pension_income,
        incomes.taxable_401k_distributions,
        incomes.taxable_interest_income,
        incomes.taxable_ira_distributions,
        incomes.taxable_private_pension_income,
        incomes.total_money_income,
        incomes.unemployment_compensation,
        incomes.veterans_benefits,
        incomes.workers_compensation,
        decoded.has_medicaid,
        decoded.has_medicare,
        incomes.employment_income_origin,
        incomes.self_employment_income_origin

    from decoded
    inner join {{ ref('int_household__cps_asec') }} as households
        on
            decoded.dataset_id = households.dataset_id
            and decoded.household_id = households.household_id
    inner join {{ ref('int_kinship__cps_asec') }} as kinship
        on decoded.dataset_id = kinship.dataset_id and decoded.person_id = kinship.person_id
    inner join {{ ref('int_tax_unit_member__cps_asec') }} as members
        on decoded.dataset_id = members.dataset_id and decoded.person_id = members.person_id
    inner join {{ ref('int_income__cps_asec') }} as incomes
        on decoded.dataset_id = incomes.dataset_id and decoded.person_id = incomes.person_id

)

select * from harmonized
