-- Grain: one row per known weakness of the release, the worst first.
-- What a user should not rely on, found from the release itself: families, states and variables
-- whose supported facts are further than a tenth away; families that few households bear on;
-- groups of held-out facts that weighing took further away; benchmarks that ours miss by a
-- twentieth. Groups of fewer than five facts say too little; a headline is one figure.
with

targets as (

    select
        *,
        abs(calibrated_relative_error) as calibrated_error,
        support_count >= 30 as is_supported

    from {{ ref('target') }}
    where target_role in ('fitted', 'held_out', 'unsupported') and target_value != 0

),

subjects as (

    {% for kind, subject in [
        ('family', 'target_family'), ('variable', 'variable'), ('state', 'geoid'),
    ] -%}
        select
            '{{ kind }}' as kind,
            {{ subject }} as subject,
            geography_level,
            calibrated_error

        from targets
        where
            is_supported
            and target_role != 'unsupported'
            and (geography_level = 'state' or '{{ kind }}' != 'state')
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
            || '10 percent away, half of all further than %.1f percent',
            subject,
            geography_level,
            count(*) filter (where calibrated_error > 0.1),
            count(*),
            100 * median(calibrated_error)
        ) as sentence

    from subjects
    group by kind, subject, geography_level

),

thin as (

    select
        'support' as kind,
        target_family as subject,
        geography_level,
        count(*) as fact_count,
        count(*) filter (where not is_supported or target_role = 'unsupported') / count(*)
            as severity,
        printf(
            '%s (%s): fewer than 30 households bear on %d of %d facts',
            target_family,
            geography_level,
            count(*) filter (where not is_supported or target_role = 'unsupported'),
            count(*)
        ) as sentence

    from targets
    group by target_family, geography_level

),

worsened as (

    select
        'held out' as kind,
        holdout_group as subject,
        null as geography_level,
        supported_count as fact_count,
        calibrated_median_error - initial_median_error as severity,
        printf(
            '%s: of %d held-out facts (%s), half were within %.1f percent before weighing and '
            || 'within %.1f percent after',
            holdout_group,
            supported_count,
            variable_names,
            100 * initial_median_error,
            100 * calibrated_median_error
        ) as sentence

    from {{ ref('val_held_out_group') }}
    where calibrated_median_error > initial_median_error

),

benchmarks as (

    select
        'headline' as kind,
        metric as subject,
        null as geography_level,
        null as fact_count,
        abs(calibrated_relative_error) as severity,
        printf(
            '%s: ours is %+.1f percent off the published figure%s',
            label,
            100 * calibrated_relative_error,
            coalesce(' (' || comparability || ')', '')
        ) as sentence

    from {{ ref('val_headline') }}
    where abs(calibrated_relative_error) > 0.05

),

found as (

    select * from misses
    union all
    select * from thin
    union all
    select * from worsened
    union all
    select * from benchmarks

),

ranked as (

    select
        cast(
            row_number() over (
                order by severity desc, kind asc, subject asc, geography_level asc
            ) as integer
        ) as weakness_rank,
        kind,
        subject,
        geography_level,
        severity,
        sentence

    from found
    where severity > 0 and (fact_count >= 5 or fact_count is null)

)

select * from ranked
order by weakness_rank
