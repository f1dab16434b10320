-- Grain: one row per imputation, year and person of the aged panel who is paid a benefit.
-- Or would be but for the earnings test. Amounts are those of December, before that test.
{{ config(materialized='view') }}
with

benefits as (

    select * from {{ panel_rows('benefit.parquet', {
        'person_id': 'bigint', 'benefit_type': 'varchar', 'record_type': 'varchar',
        'worker_id': 'bigint', 'own_benefit': 'double', 'auxiliary_benefit': 'double',
        'total_benefit': 'double', 'months': 'tinyint', 'withheld': 'double',
        'months_withheld': 'smallint', 'aime': 'double', 'pia': 'double',
        'is_fully_insured': 'boolean', 'claim_age_months': 'smallint',
        'replacement_rate': 'double',
    }) }}

),

described as (

    select
        imputation,
        year as panel_year,
        person_id,
        worker_id as worker_person_id,
        benefit_type,
        record_type,
        -- As SSA counts, once a person: Statistical Supplement, Table 5.A1.
        case
            when benefit_type in ('spouse', 'child')
                then benefit_type || '_of_' || record_type || '_worker'
            when benefit_type = 'widow' then 'widow_nondisabled'
            when benefit_type = 'disabled_widow' then 'widow_disabled'
            when benefit_type = 'parent' then 'widowed_mother_or_father'
            else benefit_type
        end as benefit_group,
        withheld < total_benefit * months - 1 as is_paid,
        is_fully_insured,
        aime as average_indexed_earnings,
        pia as primary_insurance_amount,
        own_benefit,
        auxiliary_benefit,
        total_benefit,
        cast(months as integer) as paid_months,
        withheld as withheld_benefits,
        cast(months_withheld as integer) as withheld_months,
        cast(claim_age_months as integer) as claim_age_months,
        replacement_rate as replacement_share

    from benefits

)

select * from described
