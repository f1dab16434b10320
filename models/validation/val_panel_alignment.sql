-- Grain: one row per imputation, year and event of the aged panel.
-- What was wanted, what happened, and what chances had to be moved by: the mean over groups, by
-- what was wanted of each. An event is off where the gap of its total is beyond the tolerance and
-- one record. Its factor drifts where the mean of the last years is farther from that of the first
-- ones than the limit: then its chances hold no longer, and alignment hides it.
with

events as (

    select * from {{ ref('pnl_event') }}

),

records as (

    select
        imputation,
        min(base_weight) as persons_per_record

    from {{ ref('pnl_person') }}
    group by imputation

),

limits as (

    select * from {{ ref('params_panel_event') }}

),

totals as (

    select
        imputation,
        panel_year,
        event,
        count(*) as group_count,
        {{ exact_sum('wanted') }} as wanted,
        {{ exact_sum('happened') }} as happened,
        fsum(alignment_factor * wanted order by event_group)
        / nullif(
            fsum(wanted order by event_group) filter (where alignment_factor is not null), 0
        ) as alignment_factor

    from events
    group by imputation, panel_year, event

),

compared as (

    select
        totals.imputation,
        totals.panel_year,
        totals.event,
        limits.unit,
        totals.group_count,
        totals.wanted,
        totals.happened,
        totals.happened / nullif(totals.wanted, 0) - 1 as relative_error,
        limits.tolerance_share,
        records.persons_per_record,
        case when limits.drift_limit is not null then totals.alignment_factor end
            as alignment_factor,
        limits.drift_limit,
        limits.drift_years,
        min(totals.panel_year) over (partition by totals.imputation, totals.event) as first_year

    from totals
    inner join limits on totals.event = limits.event
    inner join records on totals.imputation = records.imputation

),

means as (

    select
        now.imputation,
        now.event,
        now.panel_year,
        avg(past.alignment_factor order by past.panel_year) filter (
            where past.panel_year < now.first_year + now.drift_years
        ) as first_factor,
        avg(past.alignment_factor order by past.panel_year) filter (
            where past.panel_year > now.panel_year - now.drift_years
        ) as recent_factor

    from compared as now
    inner join compared as past
        on
            now.imputation = past.imputation
            and now.event = past.event
            and now.panel_year >= past.panel_year
    group by now.imputation, now.event, now.panel_year

),

judged as (

    select
        compared.imputation,
        compared.panel_year,
        compared.event,
        compared.unit,
        compared.group_count,
        compared.wanted,
        compared.happened,
        compared.relative_error,
        compared.tolerance_share,
        compared.persons_per_record,
        case
            when compared.tolerance_share is not null
                then
                    abs(compared.happened - compared.wanted) <= greatest(
                        compared.tolerance_share * compared.wanted,
                        case
                            when compared.unit = 'persons' then compared.persons_per_record
                            else 0
                        end
                    )
        end as is_met,
        compared.alignment_factor,
        means.recent_factor - means.first_factor as factor_change,
        compared.drift_limit,
        abs(means.recent_factor - means.first_factor) > compared.drift_limit as is_drifting

    from compared
    inner join means
        on
            compared.imputation = means.imputation
            and compared.event = means.event
            and compared.panel_year = means.panel_year

)

select * from judged
order by imputation, panel_year, event
