-- Grain: one row per person of the base records from the age on that incomes are asked from; who
-- was not met a year earlier, once for each copy.
-- Donors are the persons whom the survey met a year earlier and who told what they earn both times;
-- recipients are those whom it did not meet. Where the base is no CPS ASEC, nobody gives.
with

persons as (

    select persons.*
    from {{ base_records('person') }} as persons
    cross join {{ ref('params_cps_asec_rule') }} as rules
    where coalesce(persons.age, persons.age_lower) >= rules.income_universe_age

),

met as (

    {% if 'cps_asec' in surveys('person') %}
        select
            links.person_id,
            bool_and(
                coalesce(previous.employment_income_origin = 'reported', false)
                and coalesce(previous.self_employment_income_origin = 'reported', false)
            ) as has_told

        from {{ ref('int_previous_year__cps_asec') }} as links
        inner join {{ ref('int_person') }} as previous
            on
                links.previous_dataset_id = previous.dataset_id
                and links.previous_person_id = previous.person_id
        where
            links.is_same_person
            and links.dataset_id in (select persons.dataset_id from persons)
        group by links.person_id
    {% else %}
        select
            person_id,
            false as has_told

        from persons
        where false
    {% endif %}
),

known as (

    select
        persons.*,
        met.person_id is not null as is_met,
        coalesce(
            met.has_told
            and persons.employment_income_origin = 'reported'
            and persons.self_employment_income_origin = 'reported',
            false
        ) as is_donor

    from persons
    left outer join met on persons.person_id = met.person_id

),

records as (

    select
        known.is_donor,
        known.dataset_id,
        known.person_id,
        copies.copy_id,
        known.person_weight as design_weight,
        coalesce(known.age, known.age_lower) as age,
        cast(known.is_female as integer) as is_female,
        cast(known.spouse_person_id is not null as integer) as is_married,
        coalesce(known.employment_income, 0) as employment_income,
        coalesce(known.self_employment_income, 0) as self_employment_income,
        coalesce(known.social_security, 0) as social_security,
        coalesce(known.weekly_hours_worked, 0) as weekly_hours_worked,
        coalesce(known.weeks_worked, 0) as weeks_worked,
        case when known.is_donor then known.employment_income_last_year end
            as employment_income_last_year,
        case when known.is_donor then known.self_employment_income_last_year end
            as self_employment_income_last_year

    from known
    cross join {{ ref('params_copy') }} as copies
    where
        copies.build_target = '{{ target.name }}'
        and known.person_weight > 0
        and (not known.is_met or (known.is_donor and copies.copy_id = 0))

)

select * from records
