-- Grain: one row per family and wave of the PSID.
-- Rename and cast. 9,999,998 and 9,999,999 are no answer; before 1994 amounts have five or six
-- digits, of which all nines are a top code. Nuance: a spouse's zero is no earnings or no spouse.
with

source as (

    select * from {{ source('psid', 'family') }}

),

renamed as (

    select
        _dataset_id as dataset_id,
        cast(interview_number as bigint) as interview_number,
        _survey_year as survey_year,
        _income_year as income_year,

        cast(head_marital_status as integer) as head_marital_status_code,

        {{ known_below('head_business_labor', 9999998) }} as head_business_labor_income,
        {{ known_below('head_labor', 9999998) }} as head_labor_income,
        {{ known_below('head_labor_year_before_last', 9999998) }}
            as head_labor_income_year_before_last,
        {{ known_below('head_wages', 9999998) }} as head_wages,
        {{ known_below('head_hours', 9999) }} as head_hours,
        {{ known_below('spouse_business_labor', 9999998) }} as spouse_business_labor_income,
        {{ known_below('spouse_labor', 9999998) }} as spouse_labor_income,
        {{ known_below('spouse_labor_excluding_business', 9999998) }}
            as spouse_labor_income_excluding_business,
        {{ known_below('spouse_labor_year_before_last', 9999998) }}
            as spouse_labor_income_year_before_last,
        {{ known_below('spouse_hours', 9999) }} as spouse_hours,

        greatest(
            cast(head_labor_accuracy as integer),
            cast(head_wages_accuracy as integer),
            cast(head_other_labor_accuracy as integer)
        ) as head_accuracy_code,
        greatest(
            cast(spouse_labor_accuracy as integer),
            cast(spouse_wages_accuracy as integer),
            cast(spouse_other_labor_accuracy as integer)
        ) as spouse_accuracy_code

    from source

)

select * from renamed
