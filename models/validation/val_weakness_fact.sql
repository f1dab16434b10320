-- Grain: one row per kind of weakness, subject and geography level.
-- What published facts say against the weights: families, variables and states of which supported
-- facts are further than a tenth away; families that few households bear on, or of which the base
-- carries nothing. A family of one variable is not told twice. Groups of fewer than five
-- facts say too little.
with

targets as (

    select
        *,
        abs(calibrated_relative_error) as calibrated_error,
        coalesce(support_count, 0) >= 30 and target_role != 'unsupported' as is_supported,
        min(variable) over family = max(variable) over family as is_of_one_variable

    from {{ ref('target') }}
    where target_role in ('fitted', 'held_out', 'unsupported') and target_value != 0
    window
        family as (partition by target_family, geography_level)

),

subjects as (

    {% for kind, subject in [
        ('family', 'target_family'), ('variable', 'variable'), ('state', 'geoid'),
    ] -%}
        select
            '{{ kind }}' as kind,
            targets.{{ subject }} as subject,
            {{ "places.name" if kind == 'state' else "targets." ~ subject }} as words,
            targets.geography_level,
            targets.calibrated_error

        from targets
        inner join {{ ref('codes_target_geography') }} as places
            on
                targets.geography_level = places.geography_level
                and targets.geoid = places.geoid
        where
            targets.is_supported
            and (targets.geography_level = 'state' or '{{ kind }}' != 'state')
            and (not targets.is_of_one_variable or '{{ kind }}' != 'variable')
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

misses as (

    select
        kind,
        subject,
        geography_level,
        count(*) as fact_count,
        count(*) filter (where calibrated_error > 0.1) / count(*) as severity,
        printf(
            '%s (%s): %d of %d facts that 30 households or more bear on are further than '
            || '10 percent away, half of them further than %.1f percent',
            any_value(words),
            geography_level,
            count(*) filter (where calibrated_error > 0.1),
            count(*),
            100 * median(calibrated_error)
        ) as sentence

    from subjects
    group by kind, subject, geography_level

),

families as (

    select
        target_family,
        geography_level,
        count(*) as fact_count,
        count(*) filter (where not is_supported) as thin_count,
        count(*) filter (where coalesce(support_count, 0) > 0) as borne_count,
        mode(reason_left_out) as reason

    from targets
    group by target_family, geography_level

),

thin as (

    select
        if(borne_count = 0, 'not carried', 'support') as kind,
        target_family as subject,
        geography_level,
        fact_count,
        thin_count / fact_count as severity,
        if(
            borne_count = 0,
            printf(
                '%s (%s): nothing here answers to its %d facts%s',
                target_family, geography_level, fact_count, coalesce(': ' || reason, '')
            ),
            printf(
                '%s (%s): fewer than 30 households bear on %d of %d facts',
                target_family, geography_level, thin_count, fact_count
            )
        ) as sentence

    from families

),

found as (

    select * from misses
    union all
    select * from thin

)

select
    kind,
    subject,
    geography_level,
    severity,
    sentence
from found
where severity > 0 and fact_count >= 5
