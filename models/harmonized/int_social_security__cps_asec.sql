-- Grain: one row per person of the CPS ASEC.
-- Social Security by kind of benefit. The survey asks for one amount and two reasons: the amount
-- goes whole to the first of retirement, disability, survivors, dependents among the reasons given.
-- Assumption: without a telling reason it is retirement from age 62 and disability before.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

reasons as (

    select * from {{ ref('codes_cps_social_security_reason') }}

),

typed as (

    select
        persons.dataset_id,
        persons.person_id,
        persons.social_security,
        case
            when 'retirement' in (first_reasons.benefit_type, second_reasons.benefit_type)
                then 'retirement'
            when 'disability' in (first_reasons.benefit_type, second_reasons.benefit_type)
                then 'disability'
            when 'survivors' in (first_reasons.benefit_type, second_reasons.benefit_type)
                then 'survivors'
            when 'dependents' in (first_reasons.benefit_type, second_reasons.benefit_type)
                then 'dependents'
            when persons.age >= rules.earliest_retirement_age then 'retirement'
            else 'disability'
        end as benefit_type

    from persons
    left outer join reasons as first_reasons
        on persons.social_security_reason1_code = first_reasons.code
    left outer join reasons as second_reasons
        on persons.social_security_reason2_code = second_reasons.code
    cross join {{ ref('params_cps_asec_rule') }} as rules

),

parts as (

    select
        dataset_id,
        person_id,
        social_security,
        social_security * cast(benefit_type = 'dependents' as integer)
            as social_security_dependents,
        social_security * cast(benefit_type = 'disability' as integer)
            as social_security_disability,
        social_security * cast(benefit_type = 'retirement' as integer)
            as social_security_retirement,
        social_security * cast(benefit_type = 'survivors' as integer)
            as social_security_survivors

    from typed

)

select * from parts
