-- Grain: one row per person of the CPS ASEC.
-- Keys of every unit the person is in, kin, characteristics, and the amounts of the survey.
-- Nuance: `person_weight` is the survey's own (it differs within households); `design_weight` is
-- the household's, inherited.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

demography as (

    select * from {{ ref('int_demography__cps_asec') }}

),

harmonized as (

    select
        persons.dataset_id,
        persons.person_id,
        persons.household_id,
        persons.family_id,
        persons.subfamily_id,
        persons.spm_unit_id,
        members.tax_unit_id,
        kinship.marital_unit_id,
        persons.survey_year,
        persons.income_year,
        persons.line_number,
        persons.person_weight,
        households.design_weight,
        demography.is_reference_person,
        demography.relationship,
        kinship.spouse_person_id,
        kinship.partner_person_id,
        kinship.parent1_person_id,
        kinship.parent2_person_id,
        members.tax_unit_role,
        demography.age,
        demography.age_lower,
        demography.age_upper,
        demography.is_age_topcoded,
        demography.is_female,
        demography.race,
        demography.is_hispanic,
        demography.education,
        demography.marital_status,
        demography.is_disabled,
        demography.is_full_time_student,
        demography.citizenship,
        demography.weekly_hours_worked,
        demography.weeks_worked,
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
        demography.has_medicaid,
        demography.has_medicare,
        origins.child_support_expense_origin,
        origins.child_support_received_origin,
        origins.employment_income_origin,
        origins.farm_income_origin,
        origins.long_term_capital_gains_origin,
        origins.non_qualified_dividend_income_origin,
        origins.qualified_dividend_income_origin,
        origins.rental_income_origin,
        origins.retirement_contributions_origin,
        origins.self_employment_income_origin,
        origins.short_term_capital_gains_origin,
        origins.social_security_origin,
        origins.ssi_reported_origin,
        origins.tanf_reported_origin,
        origins.tax_exempt_interest_income_origin,
        origins.tax_exempt_private_pension_income_origin,
        origins.taxable_interest_income_origin,
        origins.taxable_private_pension_income_origin,
        origins.unemployment_compensation_origin,
        origins.veterans_benefits_origin,
        origins.workers_compensation_origin,
        previous_years.employment_income_last_year,
        previous_years.self_employment_income_last_year

    from persons
    inner join {{ ref('int_household__cps_asec') }} as households
        on
            persons.dataset_id = households.dataset_id
            and persons.household_id = households.household_id
    inner join demography
        on persons.dataset_id = demography.dataset_id and persons.person_id = demography.person_id
    inner join {{ ref('int_kinship__cps_asec') }} as kinship
        on persons.dataset_id = kinship.dataset_id and persons.person_id = kinship.person_id
    inner join {{ ref('int_tax_unit_member__cps_asec') }} as members
        on persons.dataset_id = members.dataset_id and persons.person_id = members.person_id
    inner join {{ ref('int_income__cps_asec') }} as incomes
        on persons.dataset_id = incomes.dataset_id and persons.person_id = incomes.person_id
    inner join {{ ref('int_income_origin__cps_asec') }} as origins
        on persons.dataset_id = origins.dataset_id and persons.person_id = origins.person_id
    left outer join {{ ref('int_previous_year__cps_asec') }} as previous_years
        on
            persons.dataset_id = previous_years.dataset_id
            and persons.person_id = previous_years.person_id

)

select * from harmonized
