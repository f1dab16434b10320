-- Grain: one row per family of the base records, whatever the survey they come from.
with

base_records as (

    select * from {{ ref('int_family__' ~ base_records()) }}

)

select * from base_records
