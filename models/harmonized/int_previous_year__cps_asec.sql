-- Grain: one row per person of the CPS ASEC whose key the survey met in the March before, too.
-- Half of a March's households are met again a year later, under the same key. A key that two
-- persons share says nothing; a key whose person has another sex, or an age that does not fit, is
-- of somebody else, and what they earned is left out.
-- Assumption: the age may have moved by [age_gap_lower, age_gap_upper), for birthdays and answers
-- at fault, and is taken to fit where both are topcoded. Only where both vintages are in the build.
{{ config(enabled=target.name != 'tax_units') }}
with

keyed as (

    select
        dataset_id,
        person_id,
        longitudinal_person_key,
        survey_year,
        age_code,
        is_female

    from {{ ref('stg_cps_asec__person') }}

    qualify
        count(*) over (partition by dataset_id, longitudinal_person_key) = 1

),

incomes as (

    select * from {{ ref('int_income__cps_asec') }}

),

met as (

    select
        now.dataset_id,
        now.person_id,
        previous.dataset_id as previous_dataset_id,
        previous.person_id as previous_person_id,
        now.is_female = previous.is_female
        and (
            (
                now.age_code - previous.age_code >= rules.age_gap_lower
                and now.age_code - previous.age_code < rules.age_gap_upper
            )
            or least(now.age_code, previous.age_code) >= rules.age_band_code
        ) as is_same_person

    from keyed as now
    inner join keyed as previous
        on
            now.longitudinal_person_key = previous.longitudinal_person_key
            and now.survey_year = previous.survey_year + 1
    cross join {{ ref('params_cps_asec_rule') }} as rules

),

earned as (

    select
        met.dataset_id,
        met.person_id,
        met.previous_dataset_id,
        met.previous_person_id,
        met.is_same_person,
        case when met.is_same_person then incomes.employment_income end
            as employment_income_last_year,
        case when met.is_same_person then incomes.self_employment_income end
            as self_employment_income_last_year

    from met
    inner join incomes
        on
            met.previous_dataset_id = incomes.dataset_id
            and met.previous_person_id = incomes.person_id

)

select * from earned
