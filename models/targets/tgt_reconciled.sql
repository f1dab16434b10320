-- Grain: one row per fact at the build's year.
-- From the published figure to the one that is fitted, step by step, and the group of facts that
-- the identities connect it with.
with

scaled as (

    select * from {{ ref('tgt_scaled') }}

),

settled as (

    select * from {{ ref('tgt_reconciliation') }}

),

aged as (

    select * from {{ ref('tgt_aged') }}

),

facts as (

    select * from {{ ref('tgt_fact') }}

),

-- A group is called by its widest member: the nation before a state, a total before a cell.
named as (

    select
        facts.target_id,
        first_value(
            concat_ws(
                ' ', facts.variable, facts.statistic, facts.geoid, nullif(facts.constraints, '')
            )
        ) over (
            partition by settled.group_number
            order by
                facts.geography_level,
                length(facts.constraints),
                facts.variable,
                facts.geoid,
                facts.constraints,
                facts.target_id
        ) as identity_group

    from settled
    inner join facts on settled.target_id = facts.target_id

),

reconciled as (

    select
        scaled.target_id,
        aged.published_value,
        aged.growth_factor,
        aged.growth_source,
        scaled.control_factor,
        scaled.control_tables,
        scaled.standard_error as declared_standard_error,
        settled.target_value,
        settled.target_value / nullif(scaled.aged_value, 0) as reconciliation_factor,
        named.identity_group

    from scaled
    inner join settled on scaled.target_id = settled.target_id
    inner join aged on scaled.target_id = aged.target_id
    inner join named on scaled.target_id = named.target_id

)

select * from reconciled
