-- Grain: one row per figure that a reader would quote and should not.
-- Headlines and benchmarks of the same concept that ours miss by a twentieth; totals of the nation
-- and of states of which one record carries a tenth or more.
with

figures as (

    select
        'headline' as kind,
        metric as subject,
        label,
        comparability,
        initial_value / published_value - 1 as before_gap,
        calibrated_relative_error as after_gap
    from {{ ref('val_headline') }}
    where role != 'benchmark'
    union all
    select
        'benchmark' as kind,
        benchmark_id as subject,
        label,
        comparability,
        initial_value / published_value - 1 as before_gap,
        relative_gap as after_gap
    from {{ ref('val_benchmark') }}
    where is_same_concept

),

totals as (

    select
        facts.variable,
        facts.geography_level,
        places.name as state_name,
        heaviest.heaviest_share,
        heaviest.heaviest_household_id

    from {{ ref('target') }} as facts
    inner join {{ ref('val_target_concentration') }} as heaviest
        on facts.target_id = heaviest.target_id
    inner join {{ ref('codes_target_geography') }} as places
        on
            facts.geography_level = places.geography_level
            and facts.geoid = places.geoid
    where
        facts.statistic = 'amount'
        and facts.support_count >= 30
        -- A total, not a band of one.
        and not regexp_matches(facts.all_constraints, '[<>]|rank|filing_status')

),

concentrated as (

    select
        variable,
        geography_level,
        count(*) as fact_count,
        count(*) filter (where heaviest_share >= 0.1) as tenth_count,
        count(*) filter (where heaviest_share >= 0.5) as half_count,
        max(heaviest_share) as most,
        arg_max(state_name, heaviest_share) as heaviest_place,
        arg_max(heaviest_household_id, heaviest_share) as household_id

    from totals
    group by variable, geography_level

),

found as (

    select
        kind,
        subject,
        cast(null as varchar) as geography_level,
        abs(after_gap) as severity,
        printf(
            '%s: ours is %+.1f percent off the published figure; before weighing %+.1f percent%s',
            label,
            100 * after_gap,
            100 * before_gap,
            coalesce(' (' || comparability || ')', '')
        ) as sentence
    from figures
    where abs(after_gap) > 0.05
    union all
    select
        'one record' as kind,
        variable as subject,
        geography_level,
        most as severity,
        printf(
            '%s (%s): one record carries a tenth or more of %d of %d totals, and half or more of '
            || '%d; in %s household %d carries %.0f percent',
            variable,
            geography_level,
            tenth_count,
            fact_count,
            half_count,
            heaviest_place,
            household_id,
            100 * most
        ) as sentence
    from concentrated
    where tenth_count > 0

)

select * from found
