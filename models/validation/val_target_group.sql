-- Grain: one row per kind of group, group of facts and role (fitted or held out).
-- How near initial and calibrated weights come to the facts of a place, of a band of income and of
-- a band of ages. A fact is in as many bands as its conditions name. Errors are those of facts that
-- 30 households or more bear on; `val_target_family` has families.
with

targets as (

    select
        *,
        abs(initial_relative_error) as initial_error,
        abs(calibrated_relative_error) as calibrated_error

    from {{ ref('target') }}
    where target_role in ('fitted', 'held_out') and target_value != 0

),

bands as (

    select
        target_id,
        if(variable = 'adjusted_gross_income', 'income_band', 'age_band') as group_kind,
        lower_bound,
        upper_bound,
        clause as group_id

    from {{ ref('tgt_constraint') }}
    where
        variable in ('adjusted_gross_income', 'age', 'age_head')
        and operator = 'in_band'

),

grouped as (

    select
        targets.*,
        'geography' as group_kind,
        targets.geoid as group_id,
        cast(null as double) as lower_bound,
        cast(null as double) as upper_bound
    from targets
    union all
    select
        targets.*,
        bands.group_kind,
        bands.group_id,
        bands.lower_bound,
        bands.upper_bound
    from targets
    inner join bands on targets.target_id = bands.target_id

),

summed as (

    select
        group_kind,
        group_id,
        lower_bound,
        upper_bound,
        target_role,
        {{ achieved() }}

    from grouped
    group by group_kind, group_id, lower_bound, upper_bound, target_role

)

select * from summed
order by group_kind, lower_bound nulls first, upper_bound, group_id, target_role
