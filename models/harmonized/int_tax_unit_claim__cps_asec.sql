-- Grain: one row per person of the CPS ASEC who is claimed as a dependant.
-- Steps: 1 the unmarried who are under 19, full-time students under 24, or disabled with a gross
-- income below the limit can be a parent's qualifying child; of two parents in different units,
-- the unit with the larger money income claims, then the older head, then the lower line number.
-- 2 Never-married minors without such a parent go to the household's reference person: as a
-- qualifying child if own child, grandchild, sibling or foster child, else as a qualifying
-- relative if their gross income is below the limit. Nobody else is claimed.
-- Nuance: a claimant is strictly older than the claimed, so that chains of claims end.
-- Assumption: adults are never claimed as qualifying relatives (a known simplification).
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select
        bases.*,
        rules.minor_age,
        rules.child_age,
        rules.student_age,
        bases.gross_income < rules.qualifying_relative_income_limit as is_below_income_limit

    from {{ ref('int_tax_unit_base__cps_asec') }} as bases
    inner join {{ ref('params_tax_unit_rule') }} as rules
        on bases.income_year = rules.income_year

),

candidates as (

    select * from persons
    where
        is_unmarried
        and (
            age < child_age
            or (age < student_age and is_full_time_student)
            or (is_disabled and is_below_income_limit)
        )

),

pointers as (

    select
        dataset_id,
        person_id,
        age,
        parent1_person_id as parent_person_id
    from candidates
    union all
    select
        dataset_id,
        person_id,
        age,
        parent2_person_id as parent_person_id
    from candidates

),

parent_claims as (

    select
        pointers.dataset_id,
        pointers.person_id,
        parents.person_id as claimant_person_id,
        'qualifying_child' as dependency_type,
        true as is_related

    from pointers
    inner join persons as parents
        on
            pointers.dataset_id = parents.dataset_id
            and pointers.parent_person_id = parents.person_id
            and pointers.age < parents.age

    qualify row_number() over (
        partition by pointers.dataset_id, pointers.person_id
        order by
            parents.unit_money_income desc,
            parents.head_age desc,
            parents.head_line_number asc,
            parents.line_number asc
    ) = 1

),

reference_claims as (

    select
        minors.dataset_id,
        minors.person_id,
        reference_persons.person_id as claimant_person_id,
        case when minors.is_child_kind then 'qualifying_child' else 'qualifying_relative' end
            as dependency_type,
        minors.is_related

    from persons as minors
    inner join persons as reference_persons
        on
            minors.dataset_id = reference_persons.dataset_id
            and minors.household_id = reference_persons.household_id
            and reference_persons.is_reference_person
            and minors.age < reference_persons.age
    left outer join parent_claims
        on
            minors.dataset_id = parent_claims.dataset_id
            and minors.person_id = parent_claims.person_id

    where
        parent_claims.person_id is null
        and minors.is_never_married
        and minors.age < minors.minor_age
        and (minors.is_child_kind or minors.is_below_income_limit)

),

claims as (

    select * from parent_claims
    union all
    select * from reference_claims

)

select * from claims
