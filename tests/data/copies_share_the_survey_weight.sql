{{ config(
    meta={"description": "The copies' design weights sum to the survey's, household by household."}
) }}

with

shared as (

    select
        dataset_id,
        source_household_id,
        fsum(design_weight order by copy_id) as design_weight

    from {{ ref('household') }}
    group by dataset_id, source_household_id

)

select
    surveyed.household_id,
    surveyed.design_weight as surveyed_weight,
    shared.design_weight as shared_weight

from {{ base_records('household') }} as surveyed
full outer join shared
    on
        surveyed.dataset_id = shared.dataset_id
        and surveyed.household_id = shared.source_household_id
where
    surveyed.design_weight is null
    or shared.design_weight is null
    or abs(shared.design_weight - surveyed.design_weight) > 1e-9 * surveyed.design_weight
