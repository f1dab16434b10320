-- Grain: one row per person of the base records, whatever the survey they come from.
with

base_records as (

    select * from {{ ref('int_person__' ~ base_records()) }}

)

select * from base_records
