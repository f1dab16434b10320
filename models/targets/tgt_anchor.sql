-- Grain: one row per fact that is never held out.
-- The totals without which weights have no scale: not the cells that add up to them.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

anchors as (

    select * from {{ ref('params_target_anchor') }}

),

anchored as (

    select
        facts.target_id,
        anchors.reason

    from facts
    inner join anchors on facts.variable = anchors.variable
    where facts.constraints = ''

)

select * from anchored
