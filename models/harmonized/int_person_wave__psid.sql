-- Grain: one row per person and wave of the PSID in which the person is a member of a family.
-- Who heads the family or lives with its head; only of these two are earnings known. Year of birth
-- and schooling, asked anew in each wave with slips, are settled over all waves: the middle of the
-- reported years of birth (before 1983 of wave minus age), and the last schooling known.
{{ config(enabled=target.name != 'tax_units') }}
with

individuals as (

    select * from {{ ref('stg_psid__individual') }}

),

relations as (

    select * from {{ ref('codes_psid_relation') }}

),

educations as (

    select * from {{ ref('codes_psid_education') }}

),

presences as (

    select * from {{ ref('codes_psid_sequence') }}

),

births as (

    select
        dataset_id,
        person_id,
        least(
            coalesce(
                quantile_disc(reported_birth_year, 0.5),
                quantile_disc(survey_year - reported_age, 0.5)
            ),
            min(survey_year)
        ) as birth_year

    from individuals
    group by dataset_id, person_id

),

members as (

    select
        individuals.*,
        births.birth_year,
        relations.relationship,
        relations.earner_role,
        educations.education

    from individuals
    inner join births
        on
            individuals.dataset_id = births.dataset_id
            and individuals.person_id = births.person_id
    left outer join relations
        on
            individuals.relation_code = relations.code
            and individuals.survey_year >= relations.first_vintage
            and individuals.survey_year <= coalesce(relations.last_vintage, individuals.survey_year)
    left outer join educations
        on individuals.education_code = educations.code
    -- 1968 has no sequence numbers: it lists members only.
    inner join presences
        on
            coalesce(individuals.sequence_number, 1) >= presences.code_lower
            and coalesce(individuals.sequence_number, 1) <= presences.code_upper
    where presences.presence = 'member'

),

settled as (

    select
        dataset_id,
        person_id,
        interview_number,
        survey_year,
        income_year,
        longitudinal_weight,
        birth_year,
        is_female,
        coalesce(
            last_value(education ignore nulls) over so_far,
            first_value(education ignore nulls) over later
        ) as education,
        relation_code,
        relationship,
        earner_role

    from members
    window
        so_far as (
            partition by dataset_id, person_id order by survey_year
            rows between unbounded preceding and current row
        ),
        later as (
            partition by dataset_id, person_id order by survey_year
            rows between current row and unbounded following
        )

)

select * from settled
