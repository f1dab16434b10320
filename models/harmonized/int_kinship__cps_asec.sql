-- Grain: one row per person of the CPS ASEC.
-- Turns line numbers into persons of the same household. Spouse and partner pointers count only
-- where they are mutual, and a spouse only where both are married with the spouse present; a
-- parent pointer to oneself or to a line that is not there is nobody.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

marital_statuses as (

    select * from {{ ref('codes_cps_marital_status') }}

),

lines as (

    select
        persons.dataset_id,
        persons.household_id,
        persons.line_number,
        persons.person_id,
        persons.partner_line_number,
        persons.parent1_line_number,
        persons.parent2_line_number,
        case
            when marital_statuses.marital_status = 'married_present' then persons.spouse_line_number
        end as spouse_line_number

    from persons
    left outer join marital_statuses on persons.marital_status_code = marital_statuses.code

),

resolved as (

    select
        lines.dataset_id,
        lines.person_id,
        lines.household_id,
        lines.line_number,
        spouses.person_id as spouse_person_id,
        partners.person_id as partner_person_id,
        nullif(parents1.person_id, lines.person_id) as parent1_person_id,
        nullif(parents2.person_id, lines.person_id) as parent2_person_id,
        greatest(lines.person_id, coalesce(spouses.person_id, 0)) as marital_unit_id

    from lines
    left outer join lines as spouses
        on
            lines.dataset_id = spouses.dataset_id
            and lines.household_id = spouses.household_id
            and lines.spouse_line_number = spouses.line_number
            and lines.line_number = spouses.spouse_line_number
            and lines.line_number <> spouses.line_number
    left outer join lines as partners
        on
            lines.dataset_id = partners.dataset_id
            and lines.household_id = partners.household_id
            and lines.partner_line_number = partners.line_number
            and lines.line_number = partners.partner_line_number
            and lines.line_number <> partners.line_number
    left outer join lines as parents1
        on
            lines.dataset_id = parents1.dataset_id
            and lines.household_id = parents1.household_id
            and lines.parent1_line_number = parents1.line_number
    left outer join lines as parents2
        on
            lines.dataset_id = parents2.dataset_id
            and lines.household_id = parents2.household_id
            and lines.parent2_line_number = parents2.line_number

)

select * from resolved
