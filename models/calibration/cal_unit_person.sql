-- Grain: one row per person and copy of the Extended file.
-- What targets may ask of a person, under the names that targets use. Of an age known only as a
-- band there is no age; its lower end is told where the base knows no sex either, and so none of
-- the finer facts. A person is on a return when the tax unit files one.
with

persons as (

    select
        person.household_id,
        person.person_id as unit_id,
        household.state_fips,
        coalesce(person.age, case when person.age_lower = 85 then 85 end) as age,
        case
            when not bool_or(person.is_female is not null) over () then person.age_lower
        end as age_lower,
        case person.is_female when true then 'female' when false then 'male' end as sex,
        tax_unit.is_filer,
        person.has_medicaid,
        person.retirement_contributions,
        person.social_security_disability,
        person.social_security_retirement,
        person.ssi_reported as ssi

    from {{ ref('ext_person') }} as person
    inner join {{ ref('ext_household') }} as household
        on person.household_id = household.household_id
    inner join {{ ref('rul_tax_unit') }} as tax_unit
        on person.tax_unit_id = tax_unit.tax_unit_id

)

select * from persons
