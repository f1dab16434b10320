{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "By each mode every person is in one unit, with one head, at home."}
) }}

with

modes as (

    select mode from {{ ref('params_tax_unit_mode') }}

),

persons as (

    select
        modes.mode,
        persons.dataset_id,
        persons.person_id,
        persons.household_id,
        placed.tax_unit_id,
        placed.tax_unit_role,
        placed.household_id as placed_household_id

    from {{ ref('stg_cps_asec__person') }} as persons
    cross join modes
    left outer join {{ ref('int_tax_unit_placement__cps_asec') }} as placed
        on
            modes.mode = placed.mode
            and persons.dataset_id = placed.dataset_id
            and persons.person_id = placed.person_id

),

units as (

    select
        mode,
        dataset_id,
        tax_unit_id,
        count(*) as member_count,
        count(*) filter (where tax_unit_role = 'head') as head_count,
        count(*) filter (where tax_unit_role = 'spouse') as spouse_count,
        count(distinct household_id) as household_count,
        bool_and(placed_household_id = household_id) as is_at_home,
        max(person_id) filter (where tax_unit_role = 'head') as head_person_id

    from persons
    group by mode, dataset_id, tax_unit_id

)

select *
from units
where
    tax_unit_id is null
    or head_count != 1
    or spouse_count > 1
    or household_count != 1
    or not is_at_home
    or head_person_id != tax_unit_id
