{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "A family counts the persons that point at it; a related subfamily its own."}
) }}

select
    families.dataset_id,
    families.family_id,
    families.family_type,
    families.family_size,
    count(persons.person_id) as persons_found

from {{ ref('int_family__cps_asec') }} as families
left outer join {{ ref('int_person__cps_asec') }} as persons
    on
        families.dataset_id = persons.dataset_id
        and case families.family_type
            when 'related_subfamily' then families.family_id = persons.subfamily_id
            else families.family_id = persons.family_id
        end

group by
    families.dataset_id, families.family_id, families.family_type, families.family_size
having persons_found <> families.family_size
