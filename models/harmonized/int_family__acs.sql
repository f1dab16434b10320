-- Grain: one row per family of the ACS: relatives of a reference person, related subfamilies, and
-- everybody who lives with no relative.
-- Members are counted and their money summed. The survey gives each person's income to the poverty
-- threshold, and no threshold: families are poor by that ratio, subfamilies share the family's.
-- Money is summed as told, in whole dollars, and adjusted after: exact in any order.
{{ config(enabled=target.name != 'tax_units') }}
with

-- Who is in a related subfamily is counted twice: with the family, and with the subfamily.
persons as (

    select
        dataset_id,
        household_id,
        person_id,
        survey_year,
        income_year,
        age,
        income_adjustment,
        poverty_ratio_percent,
        total_money_income,
        family_id,
        related_subfamily_id,
        is_reference_person,
        kin_role in ('reference', 'spouse') as leads_family,
        spouse_person_id is not null as leads_subfamily,
        unnest(
            case when related_subfamily_id is null then [false] else [false, true] end
        ) as is_subfamily

    from {{ ref('int_kinship__acs') }}

),

members as (

    select
        dataset_id,
        household_id,
        case when is_subfamily then related_subfamily_id else family_id end as family_id,
        is_subfamily,
        survey_year,
        income_year,
        income_adjustment,
        poverty_ratio_percent,
        total_money_income,
        is_reference_person,
        age < 18
        and case
            when is_subfamily then related_subfamily_id <> person_id and not leads_subfamily
            else family_id <> person_id and not leads_family
        end as is_related_child

    from persons

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
