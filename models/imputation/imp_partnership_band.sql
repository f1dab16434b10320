-- Grain: one row per band of adjusted gross income: returns with gains, and with losses, from
-- partnerships and S corporations, of the year before the build's, carried to it.
-- Table 1.4 counts a return with both kinds twice; the states' table counts it once: counts are
-- brought to that one's.
with

once as (

    select fsum(return_count order by state_fips) as return_count
    from {{ ref('params_return_income_state') }}
    where income = 'partnership_s_corp_income' and calendar_year = {{ var('income_year') }} - 1

),

published as (

    select
        bands.adjusted_gross_income_lower,
        bands.income like '%_gains' as is_gain,
        bands.return_count
        * once.return_count / fsum(bands.return_count) over all_kinds
        * counts.growth as return_count,
        bands.amount * amounts.growth as amount

    from {{ ref('params_return_income') }} as bands
    inner join {{ grown_series() }} as counts on bands.count_series = counts.series
    inner join {{ grown_series() }} as amounts on bands.amount_series = amounts.series
    cross join once
    where
        bands.calendar_year = {{ var('income_year') }} - 1
        and bands.income in (
            'partnership_gains', 'partnership_losses', 's_corp_gains', 's_corp_losses'
        )
    window
        all_kinds as (
            order by bands.income, bands.adjusted_gross_income_lower
            rows between unbounded preceding and unbounded following
        )

),

bands as (

    select
        adjusted_gross_income_lower,
        fsum(return_count order by is_gain) filter (where is_gain) as gain_count,
        fsum(amount order by is_gain) filter (where is_gain) as gain_amount,
        fsum(return_count order by is_gain) filter (where not is_gain) as loss_count,
        fsum(amount order by is_gain) filter (where not is_gain) as loss_amount

    from published
    group by adjusted_gross_income_lower

)

select * from bands
