-- Grain: one row per person and income year of the PSID.
-- The wave's amounts of head and spouse go to the persons who are that in the wave, as earnings of
-- the year before; from 2003 on they are also told of the year before that, which fills the years
-- between waves. What `earnings` holds changes at 1992/93 and for wives in 1976-78:
-- `earnings_concept` says it, row by row. Nuance: earnings of 1967 cannot be given to persons.
{{ config(enabled=target.name != 'tax_units') }}
with

members as (

    select * from {{ ref('int_person_wave__psid') }}

),

reports as (

    select * from {{ ref('int_earnings_report__psid') }}

),

last_year as (

    select
        members.dataset_id,
        members.person_id,
        members.survey_year,
        members.income_year,
        members.longitudinal_weight as design_weight,
        members.birth_year,
        members.is_female,
        members.education,
        reports.marital_status,
        members.relationship,
        reports.earnings,
        reports.employment_income,
        reports.business_labor_income,
        reports.hours_worked,
        reports.earnings_origin,
        reports.earnings_concept

    from members
    left outer join reports
        on
            members.dataset_id = reports.dataset_id
            and members.survey_year = reports.survey_year
            and members.interview_number = reports.interview_number
            and members.earner_role = reports.earner_role
            and members.income_year = reports.income_year

),

year_before_last as (

    select
        members.dataset_id,
        members.person_id,
        members.survey_year,
        reports.income_year,
        members.longitudinal_weight as design_weight,
        members.birth_year,
        members.is_female,
        members.education,
        reports.earnings,
        reports.earnings_origin,
        reports.earnings_concept

    from members
    inner join reports
        on
            members.dataset_id = reports.dataset_id
            and members.survey_year = reports.survey_year
            and members.interview_number = reports.interview_number
            and members.earner_role = reports.earner_role
            and members.income_year > reports.income_year
    where reports.earnings is not null

),

joined as (

    select * from last_year
    union all by name
    select * from year_before_last

),

aged as (

    select
        dataset_id,
        person_id,
        income_year,
        survey_year,
        design_weight,
        birth_year,
        income_year - birth_year as age,
        is_female,
        education,
        marital_status,
        relationship,
        earnings,
        employment_income,
        business_labor_income,
        hours_worked,
        earnings is not null as is_observed,
        earnings_origin,
        earnings_concept

    from joined

)

select * from aged
