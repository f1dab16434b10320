{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "Both measures of poverty are compared for every person of every dataset."}
) }}

with

persons as (

    select
        dataset_id,
        count(*) as person_count

    from {{ ref('stg_cps_asec__person') }}
    group by dataset_id

),

measures as (

    select unnest(['official', 'spm']) as measure

)

select
    persons.dataset_id,
    measures.measure,
    persons.person_count as staged_count,
    compared.person_count as compared_count

from persons
cross join measures
left outer join {{ ref('val_poverty_recomputed') }} as compared
    on
        persons.dataset_id = compared.dataset_id
        and measures.measure = compared.measure
where persons.person_count is distinct from compared.person_count
