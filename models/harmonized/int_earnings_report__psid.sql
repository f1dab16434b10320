-- Grain: one row per family, wave, role (head or spouse) and income year of the PSID.
-- What a family tells of the earnings of its head and of the head's spouse, last year and, from
-- 2003, the year before last, under the concept of that wave. From 1994 the labour part of business
-- income stands apart and is added back.
{{ config(enabled=target.name != 'tax_units') }}
with

families as (

    select * from {{ ref('stg_psid__family') }}

),

concepts as (

    select * from {{ ref('codes_psid_earnings_concept') }}

),

statuses as (

    select * from {{ ref('codes_psid_marital_status') }}

),

told as (

    select
        families.*,
        statuses.marital_status

    from families
    left outer join statuses
        on
            families.head_marital_status_code = statuses.code
            and families.survey_year >= statuses.first_vintage
            and families.survey_year <= coalesce(statuses.last_vintage, families.survey_year)

),

by_role as (

    select
        dataset_id,
        interview_number,
        survey_year,
        income_year,
        'last_year' as report,
        'head' as earner_role,
        marital_status,
        head_labor_income as labor_income,
        head_wages as employment_income,
        head_business_labor_income as business_labor_income,
        head_hours as hours_worked,
        head_accuracy_code as accuracy_code
    from told

    union all by name
    select
        dataset_id,
        interview_number,
        survey_year,
        income_year,
        'last_year' as report,
        'spouse' as earner_role,
        -- Of a couple the head's status is the spouse's too, if they are married.
        case when marital_status = 'married_present' then marital_status end as marital_status,
        coalesce(spouse_labor_income, spouse_labor_income_excluding_business) as labor_income,
        spouse_business_labor_income as business_labor_income,
        spouse_hours as hours_worked,
        spouse_accuracy_code as accuracy_code
    from told

    union all by name
    select
        dataset_id,
        interview_number,
        survey_year,
        income_year - 1 as income_year,
        'year_before_last' as report,
        'head' as earner_role,
        head_labor_income_year_before_last as labor_income
    from told

    union all by name
    select
        dataset_id,
        interview_number,
        survey_year,
        income_year - 1 as income_year,
        'year_before_last' as report,
        'spouse' as earner_role,
        spouse_labor_income_year_before_last as labor_income
    from told

),

reported as (

    select
        by_role.dataset_id,
        by_role.interview_number,
        by_role.survey_year,
        by_role.income_year,
        by_role.earner_role,
        by_role.marital_status,
        by_role.labor_income + case
            when concepts.adds_business_labor then by_role.business_labor_income else 0
        end as earnings,
        by_role.employment_income,
        by_role.business_labor_income,
        by_role.hours_worked,
        case
            when by_role.report = 'year_before_last' or by_role.accuracy_code = 0 then 'reported'
            when by_role.accuracy_code > 0 then 'allocated'
        end as earnings_origin,
        concepts.earnings_concept

    from by_role
    -- A wave without a concept has no earnings that can be given to persons.
    inner join concepts
        on
            by_role.report = concepts.report
            and by_role.earner_role = concepts.earner_role
            and by_role.survey_year >= concepts.first_vintage
            and by_role.survey_year <= coalesce(concepts.last_vintage, by_role.survey_year)

)

select * from reported
