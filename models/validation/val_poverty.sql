-- Grain: one row per measure of poverty, way to divide people, category and weights.
-- Who is poor by the official measure (money income of the family) and by the supplemental one
-- (resources of the SPM unit), under the survey as it came, the initial and the calibrated
-- weights. `base_survey` is copy 0, which keeps what was reported, standing for everybody. People
-- of whom a base does not know it are in no rate; where that is everybody, the rate is null.
with

people as (

    select
        person.person_id,
        household.state_fips,
        coalesce(person.age, person.age_lower) as age,
        families.is_poor as is_official_poor,
        spm_units.is_spm_poor,
        if(person.copy_id = 0, person.initial_weight / copies.design_weight_share, 0)
            as base_survey,
        person.initial_weight,
        person.calibrated_weight

    from {{ ref('person') }} as person
    inner join {{ ref('household') }} as household
        on person.household_id = household.household_id
    left outer join {{ ref('params_copy') }} as copies
        on person.copy_id = copies.copy_id and copies.build_target = '{{ target.name }}'
    left outer join {{ ref('family') }} as families on person.family_id = families.family_id
    left outer join {{ ref('spm_unit') }} as spm_units
        on person.spm_unit_id = spm_units.spm_unit_id

),

measured as (

    select
        *,
        unnest(['official', 'supplemental']) as measure,
        unnest([is_official_poor, is_spm_poor]) as is_poor

    from people

),

divided as (

    select
        measured.*,
        'all' as breakdown,
        'all' as category
    from measured
    union all
    select
        measured.*,
        'state' as breakdown,
        measured.state_fips as category
    from measured
    union all
    select
        measured.*,
        'age' as breakdown,
        ages.age_group as category
    from measured
    inner join {{ ref('codes_age_group') }} as ages
        on
            measured.age >= ages.lower_age
            and (measured.age < ages.upper_age or ages.upper_age is null)
    where ages.grouping = 'person'

),

summed as (

    select
        measure,
        breakdown,
        category,
        count(*) filter (where is_poor is not null) as record_count,
        count(*) filter (where is_poor) as poor_count,
        fsum(base_survey order by person_id) as base_survey_all,
        coalesce(fsum(base_survey order by person_id) filter (where is_poor is not null), 0)
            as base_survey_known,
        coalesce(fsum(base_survey order by person_id) filter (where is_poor), 0)
            as base_survey_poor,
        fsum(initial_weight order by person_id) as initial_weight_all,
        coalesce(fsum(initial_weight order by person_id) filter (where is_poor is not null), 0)
            as initial_weight_known,
        coalesce(fsum(initial_weight order by person_id) filter (where is_poor), 0)
            as initial_weight_poor,
        fsum(calibrated_weight order by person_id) as calibrated_weight_all,
        coalesce(fsum(calibrated_weight order by person_id) filter (where is_poor is not null), 0)
            as calibrated_weight_known,
        coalesce(fsum(calibrated_weight order by person_id) filter (where is_poor), 0)
            as calibrated_weight_poor

    from divided
    group by measure, breakdown, category

),

staged as (

    select
        measure,
        breakdown,
        category,
        unnest(['base_survey', 'initial_weight', 'calibrated_weight']) as weight_stage,
        record_count,
        poor_count,
        unnest([base_survey_all, initial_weight_all, calibrated_weight_all]) as people,
        unnest([base_survey_known, initial_weight_known, calibrated_weight_known]) as known,
        unnest([base_survey_poor, initial_weight_poor, calibrated_weight_poor]) as poor

    from summed

),

rated as (

    select
        measure,
        breakdown,
        category,
        weight_stage,
        record_count,
        poor_count,
        known as persons,
        known / people as known_share,
        poor as poor_persons,
        poor / nullif(known, 0) as poverty_rate

    from staged

)

select * from rated
order by measure, breakdown, category, weight_stage
