-- Grain: one row per characteristic and category.
-- What calibration did to distributions: the share of each category, among units of which it is
-- known, under initial and calibrated weights. `is_targeted` tells characteristics that a fitted
-- fact names from bystanders.
{%- set of_persons = {
    'age_band': 'case when person.age >= 80 then 80 else person.age // 10 * 10 end',
    'citizenship': 'person.citizenship',
    'education': 'person.education',
    'is_disabled': 'person.is_disabled',
    'is_female': 'person.is_female',
    'is_hispanic': 'person.is_hispanic',
    'marital_status': 'person.marital_status',
    'race': 'person.race',
} %}
{%- set of_households = {
    'household_size': 'case when household.household_size >= 7 then 7
            else household.household_size end',
    'is_metropolitan': 'household.is_metropolitan',
    'tenure_type': 'household.tenure_type',
} %}
with

members as (

    {% for name, category in of_persons.items() -%}
        select
            'person' as entity,
            '{{ name }}' as characteristic,
            cast({{ category }} as varchar) as category,
            person.person_id as unit_id,
            person.initial_weight,
            person.calibrated_weight

        from {{ ref('person') }} as person
        union all
    {% endfor -%}
    {% for name, category in of_households.items() -%}
        select
            'household' as entity,
            '{{ name }}' as characteristic,
            cast({{ category }} as varchar) as category,
            household.household_id as unit_id,
            household.initial_weight,
            household.calibrated_weight

        from {{ ref('household') }} as household
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        entity,
        characteristic,
        category,
        count(*) as record_count,
        fsum(initial_weight order by unit_id) as initial_total,
        fsum(calibrated_weight order by unit_id) as calibrated_total,
        if(category is null, 0, initial_total) as known_initial,
        if(category is null, 0, calibrated_total) as known_calibrated

    from members
    group by entity, characteristic, category

),

targeted as (

    select distinct
        targets.entity,
        conditions.variable as attribute  -- the facts' own name -- noqa: RF04

    from {{ ref('cal_target') }} as targets
    inner join {{ ref('tgt_constraint') }} as conditions
        on targets.target_id = conditions.target_id
    where targets.target_role = 'fitted'

),

shared as (

    select
        summed.*,
        summed.initial_total / fsum(summed.known_initial) over characteristics as initial_share,
        summed.calibrated_total / fsum(summed.known_calibrated) over characteristics
            as calibrated_share,
        fsum(summed.known_initial) over characteristics
        / fsum(summed.initial_total) over characteristics as known_share,
        targeted.attribute is not null as is_targeted

    from summed
    left outer join targeted
        on
            summed.entity = targeted.entity
            and replace(summed.characteristic, '_band', '') = targeted.attribute
    window
        characteristics as (
            partition by summed.entity, summed.characteristic
            order by summed.category
            rows between unbounded preceding and unbounded following
        )

),

compared as (

    select
        entity,
        characteristic,
        category,
        is_targeted,
        known_share,
        record_count,
        initial_share,
        calibrated_share,
        calibrated_share - initial_share as share_change,
        fsum(abs(calibrated_share - initial_share)) over (
            partition by entity, characteristic
            order by category
            rows between unbounded preceding and unbounded following
        ) / 2 as moved_share

    from shared
    where category is not null

)

select * from compared
order by entity, characteristic, category
