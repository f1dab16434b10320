-- Grain: one row per fact of another year that a growth model carries to the year of the build.
-- What the growth model is worth: where the publisher has the figure of the year itself, the aged
-- one stands beside it.
with

aged as (

    select * from {{ ref('tgt_aged') }}
    where growth_factor is not null

),

definitions as (

    select * from {{ ref('tgt_definition') }}

),

statuses as (

    select * from {{ ref('tgt_status') }}

),

twins as (

    select
        definitions.definition_key,
        reported.target_id,
        reported.aged_value

    from {{ ref('tgt_aged') }} as reported
    inner join definitions on reported.target_id = definitions.target_id
    inner join statuses on reported.target_id = statuses.target_id
    where reported.period = {{ var('income_year') }}
    qualify
        row_number() over (
            partition by definitions.definition_key
            order by (not statuses.is_active), reported.target_id
        ) = 1

),

compared as (

    select
        aged.target_id,
        aged.period,
        aged.growth_series,
        aged.growth_source,
        aged.growth_factor,
        aged.published_value,
        aged.aged_value,
        statuses.is_active,
        twins.target_id as twin_target_id,
        twins.aged_value as twin_value,
        aged.published_value / nullif(twins.aged_value, 0) - 1 as unaged_error,
        aged.aged_value / nullif(twins.aged_value, 0) - 1 as aged_error

    from aged
    inner join definitions on aged.target_id = definitions.target_id
    inner join statuses on aged.target_id = statuses.target_id
    left outer join twins on definitions.definition_key = twins.definition_key

)

select * from compared
order by target_id
