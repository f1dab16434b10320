-- Grain: one row per group of households: all, those of a state, those of an income decile.
-- How far calibration moved the weights in each group, and how uneven it left them. A household
-- belongs to the decile of money income in which the middle of its initial weight lies. Kish's
-- effective sample size is (sum of w)^2 / sum of w^2. A ratio is at a bound within 1 percent of it.
{%- set bounds = var('calibration') %}
with

households as (

    select
        household_id,
        state_fips,
        household_money_income,
        initial_weight,
        calibrated_weight,
        weight_ratio,
        row_number() over (order by calibrated_weight desc, household_id asc) <= 100 as is_heaviest

    from {{ ref('household') }}

),

ranked as (

    select
        household_id,
        fsum(initial_weight) over below - initial_weight / 2 as middle,
        fsum(initial_weight) over () as population

    from households
    where household_money_income is not null
    window
        below as (order by household_money_income, household_id rows unbounded preceding)

),

grouped as (

    select
        'all' as group_kind,
        'all' as group_id,
        households.*
    from households
    union all
    select
        'state' as group_kind,
        state_fips as group_id,
        households.*
    from households
    union all
    select
        'income_decile' as group_kind,
        format('{:02d}', cast(least(floor(10 * ranked.middle / ranked.population), 9) + 1 as int))
            as group_id,
        households.*
    from households
    inner join ranked on households.household_id = ranked.household_id

),

summed as (

    select
        group_kind,
        group_id,
        count(*) as record_count,
        fsum(initial_weight order by household_id) as initial_households,
        fsum(calibrated_weight order by household_id) as calibrated_households,
        fsum(initial_weight * initial_weight order by household_id) as initial_squares,
        fsum(calibrated_weight * calibrated_weight order by household_id) as calibrated_squares,
        fsum(calibrated_weight order by household_id) filter (where is_heaviest) as heaviest,
        count(*) filter (where calibrated_weight = 0) as zero_count,
        count(*) filter (
            where
            weight_ratio <= {{ bounds.smallest_ratio }} * 1.01
            or weight_ratio >= {{ bounds.largest_ratio }} / 1.01
        ) as bound_count,
        quantile_cont(weight_ratio, 0.05) as weight_ratio_p5,
        quantile_cont(weight_ratio, 0.5) as weight_ratio_p50,
        quantile_cont(weight_ratio, 0.95) as weight_ratio_p95

    from grouped
    group by group_kind, group_id

),

described as (

    select
        group_kind,
        group_id,
        record_count,
        initial_households,
        calibrated_households,
        initial_households * initial_households / initial_squares as initial_effective_records,
        calibrated_households * calibrated_households / calibrated_squares
            as calibrated_effective_records,
        calibrated_households * calibrated_households / calibrated_squares
        / (initial_households * initial_households / initial_squares) as effective_sample_share,
        coalesce(heaviest, 0) / calibrated_households as heaviest_100_share,
        zero_count / record_count as zero_share,
        bound_count / record_count as at_bounds_share,
        weight_ratio_p5,
        weight_ratio_p50,
        weight_ratio_p95

    from summed

)

select * from described
order by group_kind, group_id
