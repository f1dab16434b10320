-- Grain: one row per mode and person of the CPS ASEC.
-- Every person in exactly one tax unit of each mode: a claimed person follows the chain of claims
-- (child, young parent, grandparent) to the last claimant, who is claimed by nobody, and joins that
-- unit. Kinship holds along a chain only if it holds at every link: the child of an unrelated
-- dependant is no kin of the head.
{{ config(enabled=target.name != 'tax_units') }}
with recursive

persons as (

    select * from {{ ref('int_tax_unit_base__cps_asec') }}

),

claims as (

    select
        *,
        dependency_type = 'qualifying_child' as is_child
    from {{ ref('int_tax_unit_claim__cps_asec') }}

),

ancestors as (

    select
        mode,
        dataset_id,
        person_id,
        claimant_person_id as ancestor_person_id,
        is_child,
        is_related
    from claims

    union all

    select
        ancestors.mode,
        ancestors.dataset_id,
        ancestors.person_id,
        claims.claimant_person_id as ancestor_person_id,
        ancestors.is_child and claims.is_child as is_child,
        ancestors.is_related and claims.is_related as is_related
    from ancestors
    inner join claims
        on
            ancestors.mode = claims.mode
            and ancestors.dataset_id = claims.dataset_id
            and ancestors.ancestor_person_id = claims.person_id

),

survivors as (

    select
        ancestors.mode,
        ancestors.dataset_id,
        ancestors.person_id,
        ancestors.is_child,
        ancestors.is_related,
        persons.base_unit_id

    from ancestors
    inner join persons
        on
            ancestors.dataset_id = persons.dataset_id
            and ancestors.ancestor_person_id = persons.person_id
    left outer join claims
        on
            ancestors.mode = claims.mode
            and ancestors.dataset_id = claims.dataset_id
            and ancestors.ancestor_person_id = claims.person_id

    where claims.person_id is null

),

assigned as (

    select
        modes.mode,
        persons.dataset_id,
        persons.person_id,
        persons.household_id,
        coalesce(survivors.base_unit_id, persons.base_unit_id) as tax_unit_id,
        case
            when survivors.person_id is not null then 'dependent'
            when persons.person_id = persons.base_unit_id then 'head'
            else 'spouse'
        end as tax_unit_role,
        case
            when survivors.is_child then 'qualifying_child'
            when survivors.person_id is not null then 'qualifying_relative'
        end as dependency_type,
        coalesce(survivors.is_related, true) as is_related,
        coalesce(
            survivors.base_unit_id in (persons.parent1_person_id, persons.parent2_person_id), false
        ) as is_own_child_of_head

    from persons
    cross join {{ ref('params_tax_unit_mode') }} as modes
    left outer join survivors
        on
            modes.mode = survivors.mode
            and persons.dataset_id = survivors.dataset_id
            and persons.person_id = survivors.person_id

)

select * from assigned
