-- Grain: one row per kind of unit and attribute that its relation carries.
-- The share of the initial weight for which the attribute is known.
with

shares as (

    select * from {{ unit_known_share('household') }}
    union all
    select * from {{ unit_known_share('person') }}
    union all
    select * from {{ unit_known_share('spm_unit') }}
    union all
    select * from {{ unit_known_share('tax_unit') }}

)

select * from shares
