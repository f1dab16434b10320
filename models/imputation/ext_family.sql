-- Grain: one row per family and copy of the Extended file.
-- Money income moves by what its tax units drew of interest, dividends and business income;
-- poverty follows.
with

families as (

    select * from {{ base_records('family') }}

),

money_income_changes as (

    select
        person.family_id,
        fsum(tax_unit.money_income_change order by tax_unit.tax_unit_id) as money_income_change

    from {{ ref('ext_tax_unit') }} as tax_unit
    inner join {{ ref('ext_person') }} as person on tax_unit.head_person_id = person.person_id
    group by person.family_id

),

copied as (

    select
        families.* replace (
            families.family_id + copies.copy_id * {{ copy_id_offset() }} as family_id,
            families.household_id + copies.copy_id * {{ copy_id_offset() }} as household_id,
            families.design_weight * copies.design_weight_share as design_weight,
            families.official_money_income
            + coalesce(money_income_changes.money_income_change, 0) as official_money_income
        ),
        copies.copy_id

    from families
    inner join {{ ref('imp_copy') }} as copies on families.household_id = copies.household_id
    left outer join money_income_changes
        on
            families.family_id + copies.copy_id * {{ copy_id_offset() }}
            = money_income_changes.family_id

),

extended as (

    select * replace (official_money_income < official_poverty_threshold as is_poor)
    from copied

)

select * from extended
