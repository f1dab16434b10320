-- Grain: one row per person and reference year of the SIPP.
-- What flows in a year is the sum over its months, never a month times twelve. Who was seen for
-- part of the year has the months seen raised to twelve, and says so. From 15 on a person is
-- asked: what was not paid is zero; a person asked in no month is null.
{{ config(enabled=target.name != 'tax_units') }}
{%- set amounts = [
    'alimony_income', 'child_support_received', 'disability_benefits', 'dividends', 'interest',
    'pensions', 'public_assistance', 'rents', 'snap', 'social_security', 'ssi', 'total_income',
    'unemployment_compensation', 'veterans_benefits', 'workers_compensation',
] %}
with

months as (

    select * from {{ ref('stg_sipp__person_month') }}

),

summed as (

    select
        dataset_id,
        person_id,
        cast(count(*) as integer) as months_observed,
        count(total_income) > 0 as is_asked,
        sum(cast(weeks_with_job as integer)) as weeks_with_job,
        bool_or(has_medicaid) as has_medicaid,
        bool_or(has_medicare) as has_medicare,

        {%- for amount in amounts %}
            fsum({{ amount }} order by reference_month) as {{ amount }},
        {%- endfor %}
        fsum(earnings order by reference_month) as earnings

    from months
    group by dataset_id, person_id

),

raised as (

    select
        summed.*,
        summed.months_observed < rules.months_of_year as is_annualised,
        rules.months_of_year / summed.months_observed as factor,
        rules.weeks_of_year,
        jobs.weekly_hours_worked,
        coalesce(jobs.is_wage_allocated, false) as is_wage_allocated,
        coalesce(jobs.is_profit_allocated, false) as is_profit_allocated,
        coalesce(jobs.wages, 0) as wages,
        coalesce(jobs.tips, 0) as tips

    from summed
    cross join {{ ref('params_sipp_rule') }} as rules
    left outer join {{ ref('int_job__sipp') }} as jobs
        on summed.dataset_id = jobs.dataset_id and summed.person_id = jobs.person_id

),

annual as (

    select
        dataset_id,
        person_id,
        months_observed,
        is_annualised,
        is_asked,
        weekly_hours_worked,
        -- `least` would take a null for the larger of two.
        case when is_asked then least(factor * coalesce(weeks_with_job, 0), weeks_of_year) end
            as weeks_worked,
        is_wage_allocated,
        is_profit_allocated,
        has_medicaid,
        has_medicare,
        {%- for amount in amounts %}
            case when is_asked then factor * coalesce({{ amount }}, 0) end as {{ amount }},
        {%- endfor %}
        -- Earnings have profits and losses that no job's pay has.
        factor * (coalesce(earnings, 0) - wages) as profits,
        factor * tips as tips,
        factor * wages as wages

    from raised

)

select * from annual
