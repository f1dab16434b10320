-- Grain: one row per person of the ACS.
-- The person's record, and kin as far as the survey tells it: everybody's relationship to the
-- reference person, and related subfamilies with each member's part. So a spouse is known to the
-- reference person and inside a subfamily; a child of the reference person has that one parent for
-- certain, and whether the spouse is the other is not told. Who is related to the reference person
-- is of one family.
{{ config(enabled=target.name != 'tax_units', materialized='view') }}
with

-- Narrow, for DuckDB keeps in memory what is read more than once.
roles as (

    select
        records.dataset_id,
        records.household_id,
        records.person_id,
        records.subfamily_number,
        relationships.kin_role,
        subfamily_roles.subfamily_role

    from {{ ref('stg_acs__person') }} as records
    left outer join {{ ref('codes_acs_relationship') }} as relationships
        on records.relationship_code = relationships.code
    left outer join {{ ref('codes_acs_subfamily_role') }} as subfamily_roles
        on records.subfamily_role_code = subfamily_roles.code

),

households as (

    select
        dataset_id,
        household_id,
        max(person_id) filter (where kin_role = 'reference') as reference_person_id,
        count(*) filter (where kin_role = 'spouse') as spouse_count,
        max(person_id) filter (where kin_role = 'spouse') as spouse_person_id,
        count(*) filter (where kin_role = 'partner') as partner_count,
        max(person_id) filter (where kin_role = 'partner') as partner_person_id,
        min(person_id) filter (where kin_role = 'parent') as first_parent_id,
        max(person_id) filter (where kin_role = 'parent') as last_parent_id,
        count(*) filter (where kin_role = 'parent') as parent_count

    from roles
    group by dataset_id, household_id

),

subfamilies as (

    select
        dataset_id,
        household_id,
        subfamily_number,
        min(person_id) as subfamily_id,
        count(*) filter (where subfamily_role = 'couple') as couple_count,
        min(person_id) filter (where subfamily_role = 'couple') as first_spouse_id,
        max(person_id) filter (where subfamily_role = 'couple') as last_spouse_id,
        max(person_id) filter (where subfamily_role = 'parent') as parent_id

    from roles
    where subfamily_number is not null
    group by dataset_id, household_id, subfamily_number

),

persons as (

    select
        records.*,
        relationships.relationship,
        relationships.kin_role,
        coalesce(relationships.is_related, false) as is_related,
        subfamily_roles.subfamily_role

    from {{ ref('stg_acs__person') }} as records
    left outer join {{ ref('codes_acs_relationship') }} as relationships
        on records.relationship_code = relationships.code
    left outer join {{ ref('codes_acs_subfamily_role') }} as subfamily_roles
        on records.subfamily_role_code = subfamily_roles.code

),

tied as (

    select
        persons.*,
        coalesce(persons.kin_role = 'reference', false) as is_reference_person,
        case
            when persons.is_related then coalesce(households.reference_person_id, persons.person_id)
            else persons.person_id
        end as family_id,
        subfamilies.subfamily_id as related_subfamily_id,
        case
            when persons.kin_role = 'reference' and households.spouse_count = 1
                then households.spouse_person_id
            when persons.kin_role = 'spouse' and households.spouse_count = 1
                then households.reference_person_id
            when persons.subfamily_role = 'couple' and subfamilies.couple_count = 2
                then
                    subfamilies.first_spouse_id + subfamilies.last_spouse_id - persons.person_id
        end as spouse_person_id,
        case
            when persons.kin_role = 'reference' and households.partner_count = 1
                then households.partner_person_id
            when persons.kin_role = 'partner' and households.partner_count = 1
                then households.reference_person_id
        end as partner_person_id,
        case
            when persons.kin_role = 'child' then households.reference_person_id
            when persons.kin_role = 'reference' and households.parent_count <= 2
                then households.first_parent_id
            when persons.subfamily_role = 'child_of_couple' then subfamilies.first_spouse_id
            when persons.subfamily_role = 'child_of_parent' then subfamilies.parent_id
        end as parent1_person_id,
        case
            when persons.kin_role = 'reference' and households.parent_count = 2
                then households.last_parent_id
            when
                persons.kin_role <> 'child'
                and persons.subfamily_role = 'child_of_couple'
                and subfamilies.couple_count = 2
                then subfamilies.last_spouse_id
        end as parent2_person_id

    from persons
    inner join households
        on
            persons.dataset_id = households.dataset_id
            and persons.household_id = households.household_id
    left outer join subfamilies
        on
            persons.dataset_id = subfamilies.dataset_id
            and persons.household_id = subfamilies.household_id
            and persons.subfamily_number = subfamilies.subfamily_number

)

select * from tied
