-- Grain: one row per figure and year of the aged panel; without a year, of the whole horizon.
-- Means over imputations, with standard errors and 95 percent intervals. A panel has no replicates,
-- so that the variance is that of Rubin (1987) without its first part: (1 + 1/m) times the variance
-- between m imputations, of m - 1 degrees of freedom. Null of one imputation.
with

finances as (

    select
        imputation,
        panel_year,
        cost_rate,
        income_rate,
        balance_rate,
        trust_fund_ratio,
        cost_rate_difference

    from {{ ref('pnl_finance') }}

),

balances as (

    select
        imputation,
        cast(null as integer) as panel_year,
        income_rate as horizon_income_rate,
        cost_rate as horizon_cost_rate,
        actuarial_balance,
        cast(depletion_year as double) as depletion_year

    from {{ ref('pnl_balance') }}

),

reforms as (

    select
        imputation,
        panel_year,
        cost_rate_change,
        income_rate_change,
        balance_rate_change

    from {{ ref('pnl_reform_effect') }}

),

reform_balances as (

    select
        imputation,
        cast(null as integer) as panel_year,
        baseline_actuarial_balance,
        reform_actuarial_balance,
        actuarial_balance_change,
        cast(baseline_depletion_year as double) as baseline_depletion_year,
        cast(reform_depletion_year as double) as reform_depletion_year

    from {{ ref('pnl_reform_balance') }}

),

named as (

    {% for source in ['finances', 'balances', 'reforms', 'reform_balances'] %}
        select
            imputation,
            panel_year,
            figure,
            figure_value

        from {{ source }} unpivot (
            figure_value for figure in (columns(* exclude (imputation, panel_year)))
        )
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

means as (

    select
        figure,
        panel_year,
        count(*) as imputation_count,
        fsum(figure_value order by imputation) / count(*) as mean_value,
        min(figure_value) as lowest_value,
        max(figure_value) as highest_value

    from named
    group by figure, panel_year

),

spread as (

    select
        named.figure,
        named.panel_year,
        -- Rubin's variance, and its degrees of freedom.
        (1 + 1 / count(*))
        * fsum(pow(named.figure_value - means.mean_value, 2) order by named.imputation)
        / nullif(count(*) - 1, 0) as variance,
        count(*) - 1 as freedom

    from named
    inner join means
        on
            named.figure = means.figure
            and named.panel_year is not distinct from means.panel_year
    group by named.figure, named.panel_year

),

estimated as (

    select
        means.figure,
        means.panel_year,
        case
            when means.figure like '%depletion_year' then 'year'
            when means.figure = 'trust_fund_ratio' then 'percent of cost'
            else 'percent of taxable payroll'
        end as unit,
        means.imputation_count,
        means.mean_value,
        sqrt(spread.variance) as standard_error,
        means.mean_value - quantiles.t_value * sqrt(spread.variance) as lower_value,
        means.mean_value + quantiles.t_value * sqrt(spread.variance) as upper_value,
        means.lowest_value,
        means.highest_value

    from means
    inner join spread
        on
            means.figure = spread.figure
            and means.panel_year is not distinct from spread.panel_year
    left outer join {{ ref('params_student_quantile') }} as quantiles
        on
            spread.freedom >= quantiles.lower_count
            and (spread.freedom < quantiles.upper_count or quantiles.upper_count is null)

)

select * from estimated
order by figure, panel_year
