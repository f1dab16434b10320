{{ config(
    enabled=target.name != 'tax_units',
    meta={
        "description": "A replicate record has its person's weight, and replicates around it.",
        "history": "2026-11 first bounds: weight to the cent; replicates 0.2 to 3 times it on average"
    }
) }}

-- Wrong keys, or weights read without their decimal point, show here.
select
    replicates.dataset_id,
    replicates.person_id,
    replicates.person_weight,
    persons.person_weight as expected_weight

from {{ ref('stg_cps_asec__person_replicate') }} as replicates
left outer join {{ ref('stg_cps_asec__person') }} as persons
    on
        replicates.dataset_id = persons.dataset_id
        and replicates.person_id = persons.person_id

where
    persons.person_id is null
    or abs(replicates.person_weight - persons.person_weight) > 0.011
    or (
        replicates.replicate_weight_001
        + replicates.replicate_weight_080
        + replicates.replicate_weight_160
    ) / 3 not between 0.2 * replicates.person_weight and 3 * replicates.person_weight
