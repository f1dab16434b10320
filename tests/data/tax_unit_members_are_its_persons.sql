{{ config(
    meta={"description": "A tax unit counts its persons, and exactly one of them is its head."}
) }}

select
    units.dataset_id,
    units.tax_unit_id,
    units.n_members,
    count(persons.person_id) as persons_found,
    count(*) filter (where persons.tax_unit_role = 'head') as heads_found,
    count(*) filter (where persons.tax_unit_role = 'spouse') as spouses_found

from {{ ref('int_tax_unit') }} as units
left outer join {{ ref('int_person') }} as persons
    on units.dataset_id = persons.dataset_id and units.tax_unit_id = persons.tax_unit_id

group by units.dataset_id, units.tax_unit_id, units.n_members, units.spouse_person_id
having
    persons_found <> units.n_members
    or heads_found <> 1
    or spouses_found <> cast(units.spouse_person_id is not null as integer)
