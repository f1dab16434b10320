-- Grain: one row per family of the CPS ASEC whose members share official poverty status.
-- Official poverty from the persons up: the money income of all members against the threshold of
-- their number, of related children under 18 and, for one or two, of the householder's age. Members
-- of a related subfamily count in the primary family. Children who are not related to anybody in
-- the household, and under 15, have no status: nobody asked for their income.
-- Nuance: the householder and spouse are no related children, however young; a married minor is.
{{ config(enabled=target.name != 'tax_units') }}
with

members as (

    select
        persons.*,
        persons.family_id = persons.subfamily_id and persons.family_relationship_code <= 1
            as is_householder,
        persons.family_id = persons.subfamily_id and persons.family_relationship_code = 2
            as is_spouse,
        rules.income_universe_age

    from {{ ref('stg_cps_asec__person') }} as persons
    inner join {{ ref('int_household__cps_asec') }} as households
        on
            persons.dataset_id = households.dataset_id
            and persons.household_id = households.household_id
    cross join {{ ref('params_cps_asec_rule') }} as rules

),

families as (

    select
        dataset_id,
        family_id,
        household_id,
        income_year,
        count(*) as family_size,
        count(*) filter (where age < 18 and not is_householder and not is_spouse)
            as related_children,
        coalesce(max(age) filter (where is_householder) >= 65, false) as is_householder_65_plus,
        max(age) >= max(income_universe_age) as is_in_poverty_universe,
        fsum(total_money_income order by person_id) as money_income

    from members
    group by dataset_id, family_id, household_id, income_year

),

compared as (

    select
        families.*,
        thresholds.threshold as poverty_threshold,
        thresholds.is_published as is_threshold_published,
        case
            when families.is_in_poverty_universe
                then families.money_income < thresholds.threshold
        end as is_poor

    from families
    left outer join {{ ref('int_poverty_threshold') }} as thresholds
        on
            families.income_year = thresholds.calendar_year
            and least(families.family_size, 9) = thresholds.family_size
            and least(families.related_children, least(families.family_size, 9) - 1, 8)
            = thresholds.related_children
            and families.is_householder_65_plus = thresholds.is_householder_65_plus

)

select * from compared
