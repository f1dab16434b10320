-- Grain: one row per family record of an interviewed household of the CPS ASEC.
-- A related subfamily has a record of its own, but its members count in the primary family, share
-- its threshold and so its poverty status: the subfamily's own is null. Sums over all rows count
-- its members twice: leave the type out.
{{ config(enabled=target.name != 'tax_units') }}
with

families as (

    select * from {{ ref('stg_cps_asec__family') }}

),

family_types as (

    select * from {{ ref('codes_cps_family_type') }}

),

harmonized as (

    select
        families.dataset_id,
        families.family_id,
        families.household_id,
        families.survey_year,
        families.income_year,
        family_types.family_type,
        families.family_size,
        families.related_children,
        households.design_weight,
        families.official_money_income,
        families.official_poverty_threshold,
        case
            when family_types.family_type <> 'related_subfamily'
                then families.official_money_income < families.official_poverty_threshold
        end as is_poor

    from families
    inner join {{ ref('int_household__cps_asec') }} as households
        on
            families.dataset_id = households.dataset_id
            and families.household_id = households.household_id
    left outer join family_types
        on families.family_type_code = family_types.code

)

select * from harmonized
