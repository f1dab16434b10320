-- Grain: one row per person and income year of every panel of this build.
-- One schema: what a panel does not ask is null.
{{ config(materialized='view', enabled=target.name != 'tax_units') }}
with

all_records as (
    {{ all_surveys('person_year') }}

)

select
    dataset_id,
    person_id,
    income_year,
    survey_year,
    design_weight,
    birth_year,
    age,
    is_female,
    education,
    marital_status,
    relationship,
    business_labor_income,
    earnings,
    earnings_covered_capped,
    employment_income,
    hours_worked,
    quarters_of_coverage,
    is_observed,
    earnings_origin,
    earnings_concept

from all_records
