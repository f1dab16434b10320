{{ config(meta={"description": "States, and those that file or not, have all of each amount."}) }}

with

parts as (

    select
        measure,
        breakdown,
        weight_stage,
        fsum(amount order by category) as amount

    from {{ ref('val_distribution') }}
    where breakdown in ('filer', 'state')
    group by measure, breakdown, weight_stage

)

select
    parts.measure,
    parts.breakdown,
    parts.weight_stage,
    parts.amount,
    whole.amount as all_amount

from parts
inner join {{ ref('val_distribution') }} as whole
    on
        parts.measure = whole.measure
        and parts.weight_stage = whole.weight_stage
        and whole.breakdown = 'all'
where abs(parts.amount - whole.amount) > 1e-9 * (abs(whole.amount) + 1)
