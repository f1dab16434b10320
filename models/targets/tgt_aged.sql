-- Grain: one row per fact in force.
-- The fact at the year of the build. A figure of another year is carried there only if a row of
-- `params_growth_model` names the series that says how: the factor is the series at the build's
-- year over the series at the fact's. Series and fact must mean the year in the same way: a fiscal
-- year's factor is not applied to a calendar year, nor an average month's to a December.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

models as (

    select * from {{ ref('params_growth_model') }}
    where to_period = {{ var('income_year') }}

),

series as (

    select * from {{ ref('params_growth_factor') }}

),

-- A row without a variable or level speaks for all; the more particular row is used.
matched as (

    select
        facts.target_id,
        models.series,
        models.standard_error_share

    from facts
    inner join models
        on
            facts.variable = models.variable
            and facts.statistic = models.statistic
            and facts.period = models.from_period
            and facts.geography_level = coalesce(models.geography_level, facts.geography_level)
    qualify
        row_number() over (
            partition by facts.target_id
            order by (models.geography_level is null), models.series
        ) = 1

),

grown as (

    select
        facts.target_id,
        facts.period,
        facts.period_type,
        facts.value as published_value,
        matched.series as growth_series,
        closing.publisher || ', ' || closing.source_table as growth_source,
        closing.value / opening.value as growth_factor,
        matched.standard_error_share,
        case
            when facts.period = {{ var('income_year') }} then null
            when matched.target_id is null
                then
                    'of ' || facts.period
                    || ', another year, and no growth model says how to age it'
            when opening.value is null or closing.value is null
                then
                    'of ' || facts.period || ', and its growth series ' || matched.series
                    || ' has not both years'
            when
                replace(facts.period_type, 'tax_year', 'calendar_year')
                not in (opening.period_type, closing.period_type)
                or opening.period_type != closing.period_type
                then
                    'its growth series ' || matched.series || ' is of ' || closing.period_type
                    || ', the fact of ' || facts.period_type
        end as unaged_reason

    from facts
    left outer join matched on facts.target_id = matched.target_id
    left outer join series as opening
        on
            matched.series = opening.series
            and facts.period = opening.period
    left outer join series as closing
        on
            matched.series = closing.series
            and closing.period = {{ var('income_year') }}

),

aged as (

    select
        target_id,
        period,
        published_value,
        case
            when period = {{ var('income_year') }} then published_value
            when unaged_reason is null then published_value * growth_factor
        end as aged_value,
        case
            when unaged_reason is null and period != {{ var('income_year') }} then growth_factor
        end as growth_factor,
        case
            when unaged_reason is null and period != {{ var('income_year') }}
                then standard_error_share * abs(published_value * growth_factor)
            else 0
        end as growth_standard_error,
        case when period != {{ var('income_year') }} then growth_series end as growth_series,
        case when period != {{ var('income_year') }} then growth_source end as growth_source,
        unaged_reason

    from grown

)

select * from aged
