-- Grain: one row per spm unit of the base records, whatever the survey they come from.
with

base_records as (

    select * from {{ ref('int_spm_unit__' ~ base_records()) }}

)

select * from base_records
