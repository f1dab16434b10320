-- Grain: one row per household of the base records, whatever the survey they come from.
with

base_records as (

    select * from {{ ref('int_household__' ~ base_records()) }}

)

select * from base_records
