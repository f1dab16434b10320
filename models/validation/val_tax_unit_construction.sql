-- Grain: one row per dataset, mode, universe, measure, category and survey category.
-- How many tax units each mode makes, of which status and with how many dependants, beside the
-- survey's own units and the returns that the IRS published for the year. Units carry the weight of
-- their household, persons their own. `person_same_unit` and `person_status` compare person by
-- person with the survey's units.
{{ config(enabled=target.name != 'tax_units') }}
with

facts as (

    select
        *,
        regexp_extract(constraints, '^filing_status = ([a-z_]+)', 1) as filing_status
    from {{ ref('stg_facts__fact') }}
    where statistic = 'count' and variable in ('returns', 'individuals_on_returns')

),

published as (

    select
        period as income_year,
        if(constraints = '', 'unit', 'unit_status') as measure,
        if(constraints = '', 'all', filing_status) as category,
        value as published_count,
        if(
            filing_status = 'joint',
            'returns filed; surviving spouses are counted with joint returns',
            'returns filed, those of dependants among them'
        ) as comparability
    from facts
    where
        target_family = 'irs_soi/publication_1304_table_1_2'
        and variable = 'returns'
        and (constraints = '' or regexp_full_match(constraints, 'filing_status = [a-z_|]+'))
    union all
    select
        period as income_year,
        'dependent' as measure,
        'all' as category,
        fsum(
            case
                when variable = 'individuals_on_returns' then value
                when constraints in ('', 'filing_status = joint') then -value
                else 0
            end
            order by fact_id
        ) as published_count,
        'people on returns less filers and their spouses, summed over states' as comparability
    from facts
    where target_family = 'irs_soi/historic_table_2_totals'
    group by period

),

shared as (

    select
        *,
        published_count / fsum(published_count) over (
            partition by income_year, measure
            order by category
            rows between unbounded preceding and unbounded following
        ) as published_share

    from published

),

counted as (

    select
        facets.dataset_id,
        facets.mode,
        universes.universe,
        facets.measure,
        facets.category,
        facets.survey_category,
        facets.income_year,
        cast(sum(facets.record_count) as bigint) as record_count,
        cast(sum(cast(facets.weighted_count as decimal(18, 2))) as double) as weighted_count

    from {{ ref('int_tax_unit_facet__cps_asec') }} as facets
    inner join (values ('all'), ('filers')) as universes (universe)
        on universes.universe = 'all' or facets.is_filer
    group by
        facets.dataset_id,
        facets.mode,
        universes.universe,
        facets.measure,
        facets.category,
        facets.survey_category,
        facets.income_year

),

described as (

    select
        counted.dataset_id,
        counted.mode,
        counted.universe,
        counted.measure,
        counted.category,
        counted.survey_category,
        counted.record_count,
        counted.weighted_count,
        counted.weighted_count / fsum(counted.weighted_count) over measures as weighted_share,
        published.published_count,
        published.published_share,
        published.comparability

    from counted
    left outer join shared as published
        on
            counted.income_year = published.income_year
            and counted.universe = 'filers'
            and counted.measure = published.measure
            and counted.category = published.category
    window
        measures as (
            partition by counted.dataset_id, counted.mode, counted.universe, counted.measure
            order by counted.category, counted.survey_category
            rows between unbounded preceding and unbounded following
        )

)

select * from described
order by dataset_id, mode, universe, measure, category, survey_category
