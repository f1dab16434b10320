-- Grain: one row per imputation, year and sex: workers of the aged panel below the taxable maximum.
-- Years before the panel's first are those of the lives drawn for its residents: of who lived to
-- see it, so that of early years few are left.
with

residents as (

    select
        imputation,
        panel_year,
        person_id,
        is_female,
        earnings,
        panel_weight,
        min(panel_year) over (partition by imputation) as first_year

    from {{ ref('pnl_person') }}

),

pasts as (

    select * from {{ panel_rows('history.parquet', {
        'person_id': 'bigint', 'first_year': 'smallint', 'earnings': 'float[]',
    }) }}

),

bases as (

    select * from {{ ref('params_ssa_contribution_base') }}

),

published as (

    select * from {{ ref('params_ssa_share_below_base') }}

),

earned_before as (

    select
        imputation,
        year as panel_year,
        person_id,
        generate_subscripts(earnings, 1) + first_year - 1 as earnings_year,
        unnest(earnings) as earnings

    from pasts

),

before as (

    select
        residents.imputation,
        cast(earned_before.earnings_year as integer) as earnings_year,
        residents.is_female,
        earned_before.person_id,
        residents.panel_weight,
        cast(earned_before.earnings as double) as earnings

    from earned_before
    inner join residents
        on
            earned_before.imputation = residents.imputation
            and earned_before.panel_year = residents.panel_year
            and earned_before.person_id = residents.person_id
    where residents.panel_year = residents.first_year

),

since as (

    select
        imputation,
        panel_year as earnings_year,
        is_female,
        person_id,
        panel_weight,
        earnings

    from residents

),

workers as (

    select * from before
    where earnings > 0
    union all by name
    select * from since
    where earnings > 0

),

counted as (

    select
        workers.imputation,
        workers.earnings_year,
        if(workers.is_female, 'female', 'male') as sex,
        count(*) as record_count,
        fsum(workers.panel_weight order by workers.person_id) filter (
            where workers.earnings < bases.contribution_base
        )
        / fsum(workers.panel_weight order by workers.person_id) as below_maximum_share

    from workers
    inner join bases on workers.earnings_year = bases.year
    group by workers.imputation, workers.earnings_year, workers.is_female

),

compared as (

    select
        counted.imputation,
        counted.earnings_year,
        counted.sex,
        counted.record_count,
        coalesce(counted.below_maximum_share, 0) as below_maximum_share,
        cast(published.share_below_base as double) as published_share,
        coalesce(counted.below_maximum_share, 0)
        - cast(published.share_below_base as double) as share_difference

    from counted
    left outer join published
        on
            counted.earnings_year = published.year
            and counted.sex = published.sex

)

select * from compared
order by imputation, earnings_year, sex
