-- Grain: one row per person of the SIPP who is there in December, the year's last month.
-- The household is who lives at one residence then: SSUID alone is the household first sampled,
-- whose members may have parted. Pointers are person numbers; they lead to members of the same
-- residence, and a tie of two is kept where both point at each other.
{{ config(enabled=target.name != 'tax_units') }}
with

months as (

    select * from {{ ref('stg_sipp__person_month') }}

),

december as (

    select
        months.*,
        min(months.person_id) over (
            partition by months.dataset_id, months.sample_unit_id, months.residence_number
        ) as household_id

    from months
    cross join {{ ref('params_sipp_rule') }} as rules
    where months.reference_month = rules.months_of_year

),

spouses as (

    select * from december
    where spouse_number is not null

),

partners as (

    select * from december
    where partner_number is not null

),

tied as (

    select
        december.*,
        spouses.person_id as spouse_person_id,
        partners.person_id as partner_person_id,
        parents1.person_id as parent1_person_id,
        parents2.person_id as parent2_person_id,
        parents1.is_reference_person as is_child1,
        parents2.is_reference_person as is_child2

    from december
    left outer join spouses
        on
            december.dataset_id = spouses.dataset_id
            and december.household_id = spouses.household_id
            and december.spouse_number = spouses.person_number
            and december.person_number = spouses.spouse_number
            and december.person_id <> spouses.person_id
    left outer join partners
        on
            december.dataset_id = partners.dataset_id
            and december.household_id = partners.household_id
            and december.partner_number = partners.person_number
            and december.person_number = partners.partner_number
            and december.person_id <> partners.person_id
    left outer join december as parents1
        on
            december.dataset_id = parents1.dataset_id
            and december.household_id = parents1.household_id
            and december.parent1_number = parents1.person_number
            and december.person_id <> parents1.person_id
    left outer join december as parents2
        on
            december.dataset_id = parents2.dataset_id
            and december.household_id = parents2.household_id
            and december.parent2_number = parents2.person_number
            and december.person_id <> parents2.person_id

),

related as (

    select
        tied.*,
        case
            when tied.is_reference_person then 'reference_person'
            when spouses.is_reference_person then 'spouse'
            when tied.is_child1 or tied.is_child2 then 'own_child'
        end as relationship

    from tied
    left outer join spouses
        on
            tied.dataset_id = spouses.dataset_id
            and tied.spouse_person_id = spouses.person_id

)

select * from related
