-- Grain: one row per imputation and year of the aged panel.
-- Which panel it is, and how far its weights have moved: from the base's, among one another, and
-- from the year before.
with

partitions as (

    select * from {{ ref('pnl_partition') }}

),

persons as (

    select
        imputation,
        panel_year,
        person_id,
        panel_weight,
        panel_weight / base_weight as weight_ratio

    from {{ ref('pnl_person') }}

),

spread as (

    select
        imputation,
        panel_year,
        count(*) as person_count,
        {{ exact_sum('panel_weight') }} as population,
        power(cast(sum(cast(weight_ratio as decimal(18, 12))) as double), 2)
        / (
            count(*)
            * cast(sum(cast(weight_ratio * weight_ratio as decimal(18, 12))) as double)
        ) as effective_sample_share,
        quantile_disc(weight_ratio, [0.01, 0.1, 0.5, 0.9, 0.99]) as ratios

    from persons
    group by imputation, panel_year

),

moved as (

    select
        now.imputation,
        now.panel_year,
        sqrt(
            cast(
                sum(
                    cast(power(ln(now.panel_weight / past.panel_weight), 2) as decimal(18, 12))
                ) as double
            ) / count(*)
        ) as yearly_weight_change

    from persons as now
    inner join persons as past
        on
            now.imputation = past.imputation
            and now.panel_year = past.panel_year + 1
            and now.person_id = past.person_id
    group by now.imputation, now.panel_year

),

described as (

    select
        partitions.panel,
        partitions.imputation,
        partitions.panel_year,
        partitions.scenario,
        partitions.reform,
        partitions.seed,
        spread.person_count,
        spread.population,
        spread.effective_sample_share,
        spread.ratios[1] as weight_ratio_p1,
        spread.ratios[2] as weight_ratio_p10,
        spread.ratios[3] as weight_ratio_median,
        spread.ratios[4] as weight_ratio_p90,
        spread.ratios[5] as weight_ratio_p99,
        moved.yearly_weight_change

    from partitions
    inner join spread
        on
            partitions.imputation = spread.imputation
            and partitions.panel_year = spread.panel_year
    left outer join moved
        on
            partitions.imputation = moved.imputation
            and partitions.panel_year = moved.panel_year

)

select * from described
order by imputation, panel_year
