-- Grain: one row per dataset and measure of poverty.
-- Poverty as we put it together from persons, beside the survey's own flag, person by person: who
-- disagrees, and by how much incomes and thresholds part. The survey's flag is the person's own
-- where the file has one, else the family's, else its income against its threshold.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

official as (

    select
        persons.dataset_id,
        'official' as measure,
        persons.person_id,
        persons.person_weight,
        families.family_id as unit_id,
        case
            when persons.is_in_poverty_universe is false then null
            when not families.is_in_poverty_universe then null
            else coalesce(
                persons.official_poverty_code = 1,
                records.official_poverty_code = 1,
                records.official_money_income < records.official_poverty_threshold
            )
        end as is_survey_poor,
        families.is_poor,
        families.money_income - records.official_money_income as income_gap,
        families.poverty_threshold - records.official_poverty_threshold as threshold_gap

    from persons
    inner join {{ ref('int_poverty_family__cps_asec') }} as families
        on
            persons.dataset_id = families.dataset_id
            and persons.family_id = families.family_id
    left outer join {{ ref('stg_cps_asec__family') }} as records
        on
            families.dataset_id = records.dataset_id
            and families.family_id = records.family_id

),

spm as (

    select
        persons.dataset_id,
        'spm' as measure,
        persons.person_id,
        persons.person_weight,
        units.spm_unit_id as unit_id,
        units.is_survey_poor,
        units.is_poor,
        units.resources - units.survey_resources as income_gap,
        units.threshold - units.survey_threshold as threshold_gap

    from persons
    inner join {{ ref('int_poverty_spm__cps_asec') }} as units
        on
            persons.dataset_id = units.dataset_id
            and persons.spm_unit_id = units.spm_unit_id

),

measured as (

    select * from official
    union all
    select * from spm

),

compared as (

    select
        *,
        coalesce(is_survey_poor != is_poor, (is_survey_poor is null) != (is_poor is null))
            as is_disagreement,
        coalesce(abs(income_gap) > 1, false) as has_income_gap,
        coalesce(abs(threshold_gap) > 1, false) as has_threshold_gap

    from measured

),

counted as (

    select
        dataset_id,
        measure,
        count(*) as person_count,
        fsum(person_weight order by person_id) as weighted_persons,
        count(*) filter (where is_poor is null) as outside_universe_count,
        count(*) filter (where is_survey_poor) as survey_poor_count,
        count(*) filter (where is_poor) as poor_count,
        coalesce(fsum(person_weight order by person_id) filter (where is_survey_poor), 0)
            as weighted_survey_poor,
        coalesce(fsum(person_weight order by person_id) filter (where is_poor), 0)
            as weighted_poor,
        count(*) filter (where is_disagreement) as disagreement_count,
        coalesce(fsum(person_weight order by person_id) filter (where is_disagreement), 0)
            as weighted_disagreements,
        count(income_gap) as income_compared_count,
        count(*) filter (where has_income_gap) as income_gap_count,
        max(abs(income_gap)) as largest_income_gap,
        count(threshold_gap) as threshold_compared_count,
        count(*) filter (where has_threshold_gap) as threshold_gap_count,
        max(abs(threshold_gap)) as largest_threshold_gap,
        count(distinct unit_id) filter (
            where is_disagreement or has_income_gap or has_threshold_gap
        ) as offender_count,
        array_to_string(
            list_sort(
                list(distinct unit_id) filter (
                    where is_disagreement or has_income_gap or has_threshold_gap
                )
            )[:3],
            ', '
        ) as first_offenders

    from compared
    group by dataset_id, measure

)

select * from counted
order by dataset_id, measure
