-- Grain: one row per mode, person of the CPS ASEC who can be claimed, and possible claimant.
-- Steps: 1 who is under 19, a full-time student under 24, or disabled, and has no spouse at home,
-- can be the child of each parent at home. 2 A never-married minor without such a parent can be
-- claimed by the household's reference person: by the rules of law as a qualifying child if
-- grandchild, sibling, foster or own child, else as a qualifying relative if their gross income is
-- below the limit; by the Census's account whoever they are, but only under 15.
-- Nuance: a claimant is strictly older than the claimed, so that chains of claims end.
-- Assumption: adults are never claimed as qualifying relatives (a known simplification).
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select
        modes.mode,
        modes.stray_age,
        modes.claims_any_stray,
        modes.prefers_first_parent,
        bases.*,
        if(modes.compares_money_income, bases.unit_money_income, bases.unit_claimant_income)
            as claimant_income,
        bases.gross_income < rules.qualifying_relative_income_limit as is_below_income_limit,
        bases.age < rules.child_age
        or (bases.age < rules.student_age and bases.is_full_time_student)
        or (
            bases.is_disabled
            and (
                not modes.disabled_have_low_income
                or bases.gross_income < rules.qualifying_relative_income_limit
            )
        ) as is_of_age

    from {{ ref('int_tax_unit_base__cps_asec') }} as bases
    inner join {{ ref('params_tax_unit_rule') }} as rules
        on bases.income_year = rules.income_year
    cross join {{ ref('params_tax_unit_mode') }} as modes

),

pointers as (

    select
        mode,
        dataset_id,
        person_id,
        age,
        parent1_person_id as parent_person_id,
        1 as preference_rank
    from persons
    where may_be_claimed and is_of_age
    union all
    select
        mode,
        dataset_id,
        person_id,
        age,
        parent2_person_id as parent_person_id,
        if(prefers_first_parent, 2, 1) as preference_rank
    from persons
    where may_be_claimed and is_of_age

),

parent_links as (

    select
        pointers.mode,
        pointers.dataset_id,
        pointers.person_id,
        parents.person_id as claimant_person_id,
        'qualifying_child' as dependency_type,
        true as is_related,
        pointers.preference_rank,
        parents.claimant_income,
        parents.head_age,
        parents.head_line_number,
        parents.line_number

    from pointers
    inner join persons as parents
        on
            pointers.mode = parents.mode
            and pointers.dataset_id = parents.dataset_id
            and pointers.parent_person_id = parents.person_id
            and pointers.age < parents.age

),

strays as (

    select persons.*
    from persons
    left outer join parent_links
        on
            persons.mode = parent_links.mode
            and persons.dataset_id = parent_links.dataset_id
            and persons.person_id = parent_links.person_id
    where
        parent_links.person_id is null
        and persons.is_never_married
        and persons.age < persons.stray_age
        and (persons.claims_any_stray or persons.is_child_kind or persons.is_below_income_limit)

),

reference_links as (

    select
        strays.mode,
        strays.dataset_id,
        strays.person_id,
        reference_persons.person_id as claimant_person_id,
        if(strays.is_child_kind, 'qualifying_child', 'qualifying_relative') as dependency_type,
        strays.is_related,
        1 as preference_rank,
        reference_persons.claimant_income,
        reference_persons.head_age,
        reference_persons.head_line_number,
        reference_persons.line_number

    from strays
    inner join persons as reference_persons
        on
            strays.mode = reference_persons.mode
            and strays.dataset_id = reference_persons.dataset_id
            and strays.household_id = reference_persons.household_id
            and reference_persons.is_reference_person
            and strays.age < reference_persons.age

),

links as (

    select * from parent_links
    union all
    select * from reference_links

)

select * from links
