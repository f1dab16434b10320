-- Grain: one row per source of income or amount of law, breakdown, category and weights.
-- Which tax units have it, how much, and which part of all: of everybody, by state, by age of the
-- head, by decile of household money income, by whether the unit files.
with

sums as (

    select * from {{ ref('val_distribution_sum') }}

),

measures as (

    select * from {{ ref('codes_distribution_measure') }}

),

described as (

    select
        sums.measure,
        measures.label,
        measures.kind,
        measures.position,  -- the public name -- noqa: RF04
        sums.breakdown,
        sums.category,
        sums.weight_stage,
        sums.record_count,
        sums.units,
        sums.units_with,
        sums.amount,
        sums.share_with,
        sums.mean_of_all,
        sums.mean_of_those_with,
        sums.amount_share

    from sums
    inner join measures on sums.measure = measures.measure

)

select * from described
order by position, breakdown, category, weight_stage
