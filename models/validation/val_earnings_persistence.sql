-- Grain: one row per panel and distance in years.
-- How much of earnings lasts: correlation of log earnings, net of the mean of their year, among
-- persons with earnings in both years; and how many stay with or without.
{{ config(enabled=target.name != 'tax_units') }}
with

person_years as (

    select
        dataset_id,
        person_id,
        income_year,
        age,
        coalesce(earnings, earnings_covered_capped) as amount

    from {{ ref('int_person_year') }}
    where is_observed

),

moments as (

    select * from {{ ref('params_panel_moment') }}

),

logged as (

    select
        *,
        case when amount > 0 then ln(amount) end as log_amount

    from person_years

),

centred as (

    select
        *,
        log_amount - avg(log_amount) over (
            partition by dataset_id, income_year
            order by person_id rows between unbounded preceding and unbounded following
        ) as log_deviation

    from logged

),

paired as (

    select
        earlier.dataset_id,
        moments.lag_years,
        earlier.log_deviation as log_deviation_then,
        later.log_deviation as log_deviation_later,
        earlier.amount > 0 as worked_then,
        later.amount > 0 as worked_later

    from centred as earlier
    inner join moments
        on earlier.age >= moments.age_lower
    inner join centred as later
        on
            earlier.dataset_id = later.dataset_id
            and earlier.person_id = later.person_id
            and earlier.income_year + moments.lag_years = later.income_year
    where later.age < moments.age_upper

),

correlated as (

    select
        dataset_id,
        lag_years,
        count(*) as pair_count,
        count(*) filter (where worked_then and worked_later) as earning_pair_count,
        round(corr(log_deviation_then, log_deviation_later), 6) as log_correlation,
        round(stddev_pop(log_deviation_then), 6) as log_deviation,
        count(*) filter (where worked_then and worked_later)
        / nullif(count(*) filter (where worked_then), 0) as stays_at_work_share,
        count(*) filter (where not worked_then and not worked_later)
        / nullif(count(*) filter (where not worked_then), 0) as stays_out_share

    from paired
    group by dataset_id, lag_years

)

select * from correlated
order by dataset_id, lag_years
