-- Grain: one row per tax unit of the CPS ASEC, built from persons by the rules of dependency.
-- Composition and amounts stand in models of their own. What the survey cannot say is null.
-- Nuance: claimed persons are members, so no unit's head is a dependant elsewhere.
{{ config(enabled=target.name != 'tax_units') }}
with

units as (

    select * from {{ ref('int_tax_unit_composition__cps_asec') }}
    where mode = '{{ tax_unit_mode() }}'

),

amounts as (

    select * from {{ ref('int_tax_unit_amount__cps_asec') }}

),

harmonized as (

    select
        units.dataset_id,
        units.tax_unit_id,
        units.household_id,
        households.survey_year,
        units.income_year,
        households.state_fips,
        households.design_weight,
        units.head_person_id,
        units.spouse_person_id,
        units.filing_status,
        false as is_dependent_filer,
        units.age_head,
        units.age_spouse,
        units.is_blind_head,
        units.is_blind_spouse,
        cast(units.n_members as integer) as n_members,
        cast(units.n_dependents as integer) as n_dependents,
        cast(units.ctc_children as integer) as ctc_children,
        cast(units.eitc_children as integer) as eitc_children,
        cast(units.dependents_under_6 as integer) as dependents_under_6,
        cast(units.dependents_under_13 as integer) as dependents_under_13,
        cast(units.n_under_18 as integer) as n_under_18,
        cast(units.n_18_20 as integer) as n_18_20,
        cast(units.n_21_plus as integer) as n_21_plus,
        cast(units.elderly_dependents as integer) as elderly_dependents,
        amounts.alimony_income,
        cast(null as double) as capital_gain_distributions,
        amounts.employment_income,
        amounts.employment_income_head,
        amounts.employment_income_spouse,
        amounts.farm_income,
        amounts.farm_income_head,
        amounts.farm_income_spouse,
        cast(null as double) as housing_value,
        amounts.long_term_capital_gains,
        cast(null as double) as medicaid_value,
        cast(null as double) as medicare_value,
        amounts.non_qualified_dividend_income,
        cast(null as double) as other_benefits,
        cast(null as double) as partnership_s_corp_income,
        amounts.qualified_dividend_income,
        amounts.rental_income,
        amounts.self_employment_income,
        amounts.self_employment_income_head,
        amounts.self_employment_income_spouse,
        amounts.short_term_capital_gains,
        cast(null as double) as snap,
        amounts.social_security,
        amounts.ssi,
        amounts.tanf,
        amounts.tax_exempt_interest_income,
        amounts.taxable_interest_income,
        amounts.taxable_ira_distributions,
        amounts.taxable_pension_income,
        amounts.total_pension_income,
        amounts.unemployment_compensation,
        amounts.veterans_benefits,
        cast(null as double) as wic,
        cast(null as double) as charitable_cash,
        cast(null as double) as charitable_non_cash,
        cast(null as double) as childcare_expenses,
        amounts.medical_expenses,
        cast(null as double) as miscellaneous_deductions,
        cast(null as double) as mortgage_interest,
        cast(null as double) as real_estate_taxes,
        cast(null as double) as self_employed_health_insurance,
        cast(null as double) as self_employed_pension_contributions,
        cast(null as double) as state_and_local_income_taxes,
        cast(null as double) as student_loan_interest,
        cast(null as double) as traditional_ira_contributions

    from units
    inner join {{ ref('int_household__cps_asec') }} as households
        on units.dataset_id = households.dataset_id and units.household_id = households.household_id
    inner join amounts
        on units.dataset_id = amounts.dataset_id and units.tax_unit_id = amounts.tax_unit_id

)

select * from harmonized
