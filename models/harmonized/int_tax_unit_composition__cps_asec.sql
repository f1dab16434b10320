-- Grain: one row per mode and tax unit of the CPS ASEC.
-- Who is in the unit, how many dependants of each kind and age, and the filing status that follows.
-- By the rules of law, separated without a qualifying dependant files separately, a widowed head
-- with an own qualifying child is a surviving spouse, and a qualifying relative makes a head of
-- household only if related. By the Census's account any dependant makes one, and nobody is either
-- of the others.
-- Assumption: a spouse merely absent leaves a head unmarried; the year of a spouse's death and who
-- keeps up the home are not asked, so that every widowed parent is a surviving spouse.
{{ config(enabled=target.name != 'tax_units') }}
with

members as (

    select
        placed.*,
        persons.income_year,
        persons.age,
        persons.is_blind,
        marital_statuses.marital_status,
        rules.minor_age,
        rules.ctc_age,
        rules.maximum_eitc_children,
        modes.has_every_status

    from {{ ref('int_tax_unit_placement__cps_asec') }} as placed
    inner join {{ ref('params_tax_unit_mode') }} as modes
        on placed.mode = modes.mode
    inner join {{ ref('stg_cps_asec__person') }} as persons
        on placed.dataset_id = persons.dataset_id and placed.person_id = persons.person_id
    inner join {{ ref('params_tax_unit_rule') }} as rules
        on persons.income_year = rules.income_year
    left outer join {{ ref('codes_cps_marital_status') }} as marital_statuses
        on persons.marital_status_code = marital_statuses.code

),

counted as (

    select
        mode,
        dataset_id,
        tax_unit_id,
        household_id,
        income_year,
        has_every_status,
        max(person_id) filter (where tax_unit_role = 'head') as head_person_id,
        max(person_id) filter (where tax_unit_role = 'spouse') as spouse_person_id,
        max(marital_status) filter (where tax_unit_role = 'head') as marital_status_head,
        max(age) filter (where tax_unit_role = 'head') as age_head,
        max(age) filter (where tax_unit_role = 'spouse') as age_spouse,
        bool_or(is_blind) filter (where tax_unit_role = 'head') as is_blind_head,
        bool_or(is_blind) filter (where tax_unit_role = 'spouse') as is_blind_spouse,
        count(*) as n_members,
        count(*) filter (where tax_unit_role = 'dependent') as n_dependents,
        count(*) filter (where tax_unit_role = 'dependent' and age < ctc_age) as ctc_children,
        least(
            count(*) filter (where dependency_type = 'qualifying_child'),
            max(maximum_eitc_children)
        ) as eitc_children,
        count(*) filter (where tax_unit_role = 'dependent' and age < 6) as dependents_under_6,
        count(*) filter (where tax_unit_role = 'dependent' and age < 13) as dependents_under_13,
        count(*) filter (where age < minor_age) as n_under_18,
        count(*) filter (where age >= minor_age and age < 21) as n_18_20,
        count(*) filter (where age >= 21) as n_21_plus,
        count(*) filter (where tax_unit_role = 'dependent' and age >= 65) as elderly_dependents,
        coalesce(bool_or(dependency_type is not null and is_related), false)
            as has_related_dependent,
        coalesce(bool_or(dependency_type = 'qualifying_child' and is_own_child_of_head), false)
            as has_own_qualifying_child

    from members
    group by mode, dataset_id, tax_unit_id, household_id, income_year, has_every_status

),

classified as (

    select
        * exclude (has_every_status),
        case
            when spouse_person_id is not null then 'joint'
            when not has_every_status and n_dependents > 0 then 'head_of_household'
            when not has_every_status then 'single'
            when marital_status_head = 'widowed' and has_own_qualifying_child
                then 'surviving_spouse'
            when has_related_dependent then 'head_of_household'
            when marital_status_head = 'separated' then 'separate'
            else 'single'
        end as filing_status

    from counted

)

select * from classified
