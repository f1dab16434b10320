-- Grain: one row per distinct condition of any active target.
-- Thousands of targets share a few hundred conditions; each is tested once.
with

targets as (

    select * from {{ ref('tgt_active') }}

),

constraints as (

    select * from {{ ref('tgt_constraint') }}

),

conditions as (

    select distinct
        targets.entity,
        constraints.variable,
        constraints.operator,
        constraints.value_text,
        constraints.lower_bound,
        constraints.upper_bound

    from constraints
    inner join targets on constraints.target_id = targets.target_id

),

numbered as (

    select
        cast(
            row_number() over (
                order by entity, variable, operator, value_text, lower_bound, upper_bound
            ) as integer
        ) as atom_id,
        entity,
        variable,
        operator,
        value_text,
        lower_bound,
        upper_bound

    from conditions

)

select * from numbered
