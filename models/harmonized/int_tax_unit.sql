-- Grain: one row per tax unit of the base records, whatever the survey they come from.
with

base_records as (

    select * from {{ ref('int_tax_unit__' ~ base_records()) }}

)

select * from base_records
