-- Grain: one row per person and wave of the PSID in which the person has an interview.
-- Rename and cast. The file has a line for everybody who ever belonged to the panel; waves in
-- which a person was not are left out. Nuance: sequence numbers 1 to 20 are members of the family,
-- 51 to 59 in institutions, 71 to 80 moved out, 81 to 89 dead since the wave before; 1968 has none.
with

source as (

    select * from {{ source('psid', 'individual') }}

),

renamed as (

    select
        _dataset_id as dataset_id,
        1000 * cast(id_1968 as bigint) + cast(person_number as bigint) as person_id,
        cast(interview_number as bigint) as interview_number,
        cast(id_1968 as integer) as id_1968,
        cast(sequence_number as integer) as sequence_number,
        _survey_year as survey_year,
        _income_year as income_year,
        cast(longitudinal_weight as double) as longitudinal_weight,

        case
            when cast(age as integer) between 1 and 125 then cast(age as integer)
        end as reported_age,
        case
            when cast(year_born as integer) between 1850 and _survey_year
                then cast(year_born as integer)
        end as reported_birth_year,
        cast(sex as integer) = 2 as is_female,
        cast(relation_to_head as integer) as relation_code,
        cast(years_of_education as integer) as education_code

    from source
    where
        cast(interview_number as bigint) > 0
        -- 1968 gives everybody's first interview number; who came later has no relation there.
        and cast(relation_to_head as integer) > 0

)

select * from renamed
