-- Grain: one row per figure of ours and stage of the weights.
-- What this build answers to figures that others publish, by the names `params_benchmark` uses:
-- metrics of `val_summary`, rates of `val_poverty`, sums over all tax units or those that file
-- (`all/`, `returns/`), facts that headlines quote (`fact/`), and the weights themselves.
{% set together = {
    'dividends': ['qualified_dividend_income', 'non_qualified_dividend_income'],
    'interest': ['taxable_interest_income', 'tax_exempt_interest_income'],
    'child_credits': ['ctc_refundable', 'ctc_nonrefundable', 'odc'],
} %}
with

sums as (

    select
        *,
        if(breakdown = 'all', 'all/', 'returns/') as universe
    from {{ ref('val_distribution') }}
    where breakdown = 'all' or (breakdown = 'filer' and category = 'filer')

),

facts as (

    select
        'fact/' || metric as metric,
        initial_estimate,
        calibrated_estimate

    from {{ ref('val_headline_fact') }}

),

weights as (

    select
        unnest(['initial_weight', 'calibrated_weight']) as weight_stage,
        unnest([initial_weight, calibrated_weight]) as weight
    from {{ ref('household') }}

),

answers as (

    select
        metric,
        weight_stage,
        value as answer
    from {{ ref('val_summary') }}
    union all
    select
        'poverty/' || measure || '/' || category as metric,
        weight_stage,
        poverty_rate as answer
    from {{ ref('val_poverty') }}
    where breakdown in ('all', 'age')
    union all
    select
        universe || measure || '/amount' as metric,
        weight_stage,
        amount as answer
    from sums
    union all
    select
        universe || measure || '/count' as metric,
        weight_stage,
        units_with as answer
    from sums
    {% for name, parts in together.items() -%}
        union all
        select
            universe || '{{ name }}/amount' as metric,
            weight_stage,
            fsum(amount order by measure) as answer
        from sums
        where list_contains({{ parts }}, measure)
        group by universe, weight_stage
    {% endfor -%}
    union all
    select
        metric,
        unnest(['initial_weight', 'calibrated_weight']) as weight_stage,
        unnest([initial_estimate, calibrated_estimate]) as answer
    from facts
    union all
    select
        'median_household_weight' as metric,
        weight_stage,
        median(weight) as answer
    from weights
    group by weight_stage
    union all
    select
        'nonzero_weight_share' as metric,
        weight_stage,
        avg(cast(weight > 0 as integer)) as answer
    from weights
    group by weight_stage

)

select
    metric,
    weight_stage,
    answer
from answers
where weight_stage in ('initial_weight', 'calibrated_weight')
