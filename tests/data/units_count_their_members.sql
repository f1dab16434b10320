{{ config(
    meta={"description": "A household and a tax unit count the persons that point at them."}
) }}

with

members as (

    select
        household_id,
        tax_unit_id,
        count(*) as person_count

    from {{ ref('person') }}
    group by household_id, tax_unit_id

),

households as (

    select
        household_id,
        sum(person_count) as person_count

    from members
    group by household_id

)

select
    'household' as entity,
    household.household_id as unit_id,
    household.household_size as counted,
    households.person_count as found

from {{ ref('household') }} as household
left outer join households on household.household_id = households.household_id
where household.household_size is distinct from households.person_count

union all

select
    'tax_unit' as entity,
    tax_unit.tax_unit_id as unit_id,
    tax_unit.n_members as counted,
    members.person_count as found

from {{ ref('tax_unit') }} as tax_unit
left outer join members
    on
        tax_unit.tax_unit_id = members.tax_unit_id
        and tax_unit.household_id = members.household_id
where tax_unit.n_members is distinct from members.person_count
