{{ config(
    meta={"description": "An identifier says which copy it is of, and no two copies share one."}
) }}

with

identifiers as (

    select
        copy_id,
        unnest([household_id, source_household_id + copy_id * {{ copy_id_offset() }}]) as id
    from {{ ref('household') }}
    union all
    select
        copy_id,
        unnest([person_id, household_id, family_id, subfamily_id, spm_unit_id, tax_unit_id]) as id
    from {{ ref('person') }}
    union all
    select
        copy_id,
        unnest([tax_unit_id, household_id, head_person_id, spouse_person_id]) as id
    from {{ ref('tax_unit') }}
    union all
    select
        copy_id,
        unnest([family_id, household_id]) as id
    from {{ ref('family') }}
    union all
    select
        copy_id,
        unnest([spm_unit_id, household_id]) as id
    from {{ ref('spm_unit') }}

)

select *
from identifiers
where id // {{ copy_id_offset() }} != copy_id
