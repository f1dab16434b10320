-- Grain: one row per cell: a measure among the units that some conditions leave.
-- A published cell has the figure of the fact that is preferred for it. An implied cell has no
-- figure of its own; it is a published one with the conditions on one column taken away: the
-- nation for a state, all ages for one. Families that are set aside take no part.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

definitions as (

    select * from {{ ref('tgt_definition') }}

),

aged as (

    select * from {{ ref('tgt_aged') }}

),

statuses as (

    select * from {{ ref('tgt_status') }}

),

families as (

    select * from {{ ref('params_target_family') }}

),

extents as (

    select * from {{ ref('tgt_extent') }}

),

published as (

    select
        definitions.definition_key as cell_key,
        facts.target_id,
        definitions.measure_key,
        definitions.extents

    from facts
    inner join definitions on facts.target_id = definitions.target_id
    inner join aged on facts.target_id = aged.target_id
    inner join statuses on facts.target_id = statuses.target_id
    left outer join families on facts.target_family = families.target_family
    where
        facts.statistic in ('amount', 'count')
        and aged.aged_value is not null
        and coalesce(families.is_active, true)
    qualify
        row_number() over (
            partition by definitions.definition_key
            order by
                (not statuses.is_active),
                coalesce(families.source_priority, 100),
                facts.target_id
        ) = 1

),

widened as (

    select distinct
        published.measure_key,
        replace(published.extents, '; ' || extents.extent, '') as extents

    from published
    inner join extents on published.target_id = extents.target_id

),

implied as (

    select
        md5(widened.measure_key || widened.extents) as cell_key,
        cast(null as varchar) as target_id,
        widened.measure_key,
        widened.extents

    from widened
    anti join published
        on
            widened.measure_key = published.measure_key
            and widened.extents = published.extents

),

cells as (

    select * from published
    union all
    select * from implied

)

select * from cells
