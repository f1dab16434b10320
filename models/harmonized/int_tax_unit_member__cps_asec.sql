-- Grain: one row per person of the CPS ASEC.
-- Every person in exactly one tax unit: a claimed person follows the chain of claims (child, young
-- parent, grandparent) to the last claimant, who is claimed by nobody, and joins that unit.
{{ config(enabled=target.name != 'tax_units') }}
with recursive

persons as (

    select * from {{ ref('int_tax_unit_base__cps_asec') }}

),

claims as (

    select * from {{ ref('int_tax_unit_claim__cps_asec') }}

),

ancestors as (

    select
        dataset_id,
        person_id,
        claimant_person_id as ancestor_person_id
    from claims

    union all

    select
        ancestors.dataset_id,
        ancestors.person_id,
        claims.claimant_person_id as ancestor_person_id
    from ancestors
    inner join claims
        on
            ancestors.dataset_id = claims.dataset_id
            and ancestors.ancestor_person_id = claims.person_id

),

survivors as (

    select
        ancestors.dataset_id,
        ancestors.person_id,
        persons.base_unit_id

    from ancestors
    inner join persons
        on
            ancestors.dataset_id = persons.dataset_id
            and ancestors.ancestor_person_id = persons.person_id
    left outer join claims
        on
            ancestors.dataset_id = claims.dataset_id
            and ancestors.ancestor_person_id = claims.person_id

    where claims.person_id is null

),

assigned as (

    select
        persons.dataset_id,
        persons.person_id,
        persons.household_id,
        coalesce(survivors.base_unit_id, persons.base_unit_id) as tax_unit_id,
        case
            when survivors.person_id is not null then 'dependent'
            when persons.person_id = persons.base_unit_id then 'head'
            else 'spouse'
        end as tax_unit_role,
        claims.dependency_type,
        coalesce(claims.is_related, true) as is_related,
        coalesce(
            survivors.base_unit_id in (persons.parent1_person_id, persons.parent2_person_id), false
        ) as is_own_child_of_head

    from persons
    left outer join survivors
        on
            persons.dataset_id = survivors.dataset_id
            and persons.person_id = survivors.person_id
    left outer join claims
        on persons.dataset_id = claims.dataset_id and persons.person_id = claims.person_id

)

select * from assigned
