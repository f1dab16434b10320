{{ config(
    meta={"description": "Persons' design weights sum to the household's weight times its persons."}
) }}

select
    households.dataset_id,
    households.household_id,
    households.household_size * households.design_weight as expected,
    fsum(persons.design_weight) as found

from {{ base_records('household') }} as households
left outer join {{ ref('int_person') }} as persons
    on
        households.dataset_id = persons.dataset_id
        and households.household_id = persons.household_id

group by
    households.dataset_id,
    households.household_id,
    households.household_size,
    households.design_weight
having abs(coalesce(found, 0) - expected) > 1e-9 * greatest(expected, 1)
