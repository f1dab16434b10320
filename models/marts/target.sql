-- Grain: one row per fact in force: fitted, held out, without support, or inactive, and why.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

statuses as (

    select * from {{ ref('tgt_status') }}

),

reconciled as (

    select * from {{ ref('tgt_reconciled') }}

),

definitions as (

    select * from {{ ref('tgt_definition') }}

),

achieved as (

    select * from {{ ref('cal_achievement') }}

),

described as (

    select
        facts.target_id,
        definitions.target_label,
        facts.publisher,
        facts.source_table,
        facts.source_cell,
        facts.citation_url,
        facts.seed_file,
        facts.seed_line,
        facts.target_family,
        facts.period,
        facts.period_type,
        facts.geography_level,
        facts.geoid,
        facts.entity,
        facts.universe,
        facts.variable,
        facts.statistic,
        facts.unit,
        definitions.all_constraints,
        facts.vintage,
        facts.assertion,
        coalesce(achieved.target_role, 'inactive') as target_role,
        coalesce(achieved.unsupported_reason, statuses.inactive_reason) as reason_left_out,
        achieved.holdout_group,
        achieved.holdout_set,
        facts.value as published_value,
        reconciled.growth_factor,
        reconciled.growth_source,
        reconciled.control_factor,
        reconciled.control_tables,
        reconciled.reconciliation_factor,
        coalesce(reconciled.target_value, facts.value) as target_value,
        achieved.initial_estimate,
        achieved.calibrated_estimate,
        achieved.initial_relative_error,
        achieved.calibrated_relative_error,
        achieved.support_count,
        achieved.loss_weight,
        achieved.shadow_price

    from facts
    inner join statuses on facts.target_id = statuses.target_id
    inner join definitions on facts.target_id = definitions.target_id
    left outer join reconciled on facts.target_id = reconciled.target_id
    left outer join achieved on facts.target_id = achieved.target_id

)

select * from described
order by target_id
