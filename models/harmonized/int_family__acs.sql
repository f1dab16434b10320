-- Grain: one row per family of the ACS: relatives of a reference person, related subfamilies, and
-- everybody who lives with no relative.
-- Members are counted and their money summed. The survey gives each person's income to the poverty
-- threshold, and no threshold: families are poor by that ratio, subfamilies share the family's.
-- Money is summed as told, in whole dollars, and adjusted after: exact in any order.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select
        records.dataset_id,
        records.household_id,
        records.person_id,
        records.survey_year,
        records.income_year,
        records.age,
        records.income_adjustment,
        records.poverty_ratio_percent,
        records.total_money_income,
        kinship.family_id,
        kinship.related_subfamily_id,
        kinship.is_reference_person,
        kinship.kin_role not in ('reference', 'spouse') as can_be_related_child,
        kinship.spouse_person_id

    from {{ ref('stg_acs__person') }} as records
    inner join {{ ref('int_kinship__acs') }} as kinship
        on records.dataset_id = kinship.dataset_id and records.person_id = kinship.person_id

),

members as (

    select
        dataset_id,
        household_id,
        family_id,
        false as is_subfamily,
        age < 18 and can_be_related_child and family_id <> person_id as is_related_child,
        * exclude (dataset_id, household_id, family_id, related_subfamily_id)  -- noqa: RF03

    from persons
    union all by name
    select
        dataset_id,
        household_id,
        related_subfamily_id as family_id,
        true as is_subfamily,
        age < 18
        and related_subfamily_id <> person_id
        and spouse_person_id is null as is_related_child,
        * exclude (dataset_id, household_id, family_id, related_subfamily_id)  -- noqa: RF03

    from persons
    where related_subfamily_id is not null

),

summed as (

    select
        dataset_id,
        family_id,
        any_value(household_id) as household_id,
        any_value(survey_year) as survey_year,
        any_value(income_year) as income_year,
        is_subfamily,
        cast(count(*) as integer) as family_size,
        cast(count(*) filter (where is_related_child) as integer) as related_children,
        bool_or(is_reference_person) as has_reference_person,
        sum(cast(total_money_income as bigint)) * any_value(income_adjustment)
            as official_money_income,
        max(poverty_ratio_percent) as poverty_ratio_percent

    from members
    group by dataset_id, family_id, is_subfamily

),

harmonized as (

    select
        summed.dataset_id,
        summed.family_id,
        summed.household_id,
        summed.survey_year,
        summed.income_year,
        case
            when summed.is_subfamily then 'related_subfamily'
            when not summed.has_reference_person then 'secondary_individual'
            when summed.family_size > 1 then 'primary'
            else 'nonfamily_householder'
        end as family_type,
        summed.family_size,
        summed.related_children,
        households.design_weight,
        summed.official_money_income,
        case
            when not summed.is_subfamily then summed.poverty_ratio_percent < rules.poverty_percent
        end as is_poor

    from summed
    cross join {{ ref('params_acs_rule') }} as rules
    inner join {{ ref('int_household__acs') }} as households
        on
            summed.dataset_id = households.dataset_id
            and summed.household_id = households.household_id

)

select * from harmonized
