{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "PTOTVAL is the sum of its components, capital gains left out."}
) }}

with

components as (

    select
        persons.dataset_id,
        persons.person_id,
        persons.total_money_income,
        persons.employment_income
        + persons.self_employment_income
        + persons.farm_income
        + persons.taxable_interest_income
        + persons.tax_exempt_interest_income
        + persons.qualified_dividend_income
        + persons.non_qualified_dividend_income
        + persons.rental_income
        + persons.taxable_private_pension_income
        + persons.tax_exempt_private_pension_income
        + persons.taxable_ira_distributions
        + persons.tax_exempt_ira_distributions
        + persons.taxable_401k_distributions
        + persons.social_security
        + persons.ssi_reported
        + persons.tanf_reported
        + persons.unemployment_compensation
        + persons.workers_compensation
        + persons.veterans_benefits
        + records.disability_income1
        + records.disability_income2
        + persons.child_support_received
        + persons.alimony_income
        + persons.other_income as component_total

    from {{ ref('int_person__cps_asec') }} as persons
    inner join {{ ref('stg_cps_asec__person') }} as records
        on persons.dataset_id = records.dataset_id and persons.person_id = records.person_id

    -- Distributions before age 58 are taxable but no money income.
    where records.young_distribution1 + records.young_distribution2 = 0

)

select *
from components
where abs(component_total - total_money_income) > 1e-6
