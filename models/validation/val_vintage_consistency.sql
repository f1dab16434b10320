-- Grain: one row per column of households or persons, dataset, statistic and category.
-- Whether a variable is what it was in the survey's vintage before. Dollars are expected to grow as
-- the average wage does. A jump is more than a limit, and more than a multiple of the sampling
-- noise of both vintages; it is explained where a break is declared, or where the survey's
-- crosswalk says that the variable came or went.
with

wages as (

    select
        year as calendar_year,
        arg_min(average_wage_index, scenario <> 'published') as wage

    from {{ ref('params_ssa_average_wage_index') }}
    where scenario in ('published', 'intermediate')
    group by year

),

vintages as (

    select
        datasets.dataset_id,
        datasets.survey,
        datasets.survey_year,
        datasets.income_year,
        lag(datasets.dataset_id) over by_year as previous_dataset_id,
        lag(datasets.survey_year) over by_year as previous_survey_year,
        wages.wage / lag(wages.wage) over by_year as wage_growth

    from {{ ref('int_dataset') }} as datasets
    left outer join wages on datasets.income_year = wages.calendar_year
    window by_year as (partition by datasets.survey order by datasets.survey_year)

),

paired as (

    select
        latest.*,
        vintages.* exclude (dataset_id),  -- the star's own -- noqa: RF02
        previous.statistic_value as previous_value,
        described.unit,
        params.* exclude (statistic),  -- the star's own -- noqa: RF02
        if(
            params.measure = 'ratio' and starts_with(described.unit, 'USD'),
            vintages.wage_growth,
            1
        ) as expected_growth,
        expected_growth * previous.statistic_value as expected_value,
        least(latest.used_count, previous.used_count) as least_count,
        sqrt(
            pow(latest.standard_error, 2) + pow(expected_growth * previous.standard_error, 2)
        ) as sampling_noise,
        sqrt(
            pow(latest.standard_error / latest.statistic_value, 2)
            + pow(previous.standard_error / previous.statistic_value, 2)
        ) as log_noise

    from {{ ref('val_vintage_statistic') }} as latest
    inner join vintages on latest.dataset_id = vintages.dataset_id
    inner join {{ ref('params_vintage_statistic') }} as params
        on latest.statistic = params.statistic
    inner join {{ ref('dictionary') }} as described
        on
            latest.table_name = described.table_name
            and latest.column_name = described.column_name
    left outer join {{ ref('val_vintage_statistic') }} as previous
        on
            vintages.previous_dataset_id = previous.dataset_id
            and latest.table_name = previous.table_name
            and latest.column_name = previous.column_name
            and latest.statistic = previous.statistic
            and latest.category is not distinct from previous.category

),

compared as (

    select
        *,
        measure = 'ratio' and statistic_value * expected_value > 0 as has_ratio,
        if(
            has_ratio,
            statistic_value / expected_value - 1,
            statistic_value - expected_value
        ) as value_change,
        case
            when has_ratio
                then nullif(
                    greatest(change_limit, exp(noise_multiple * log_noise) - 1), 'infinity'
                )
            -- Gone, come, or of the other sign: whatever is not noise is too much.
            when measure = 'ratio' then noise_multiple * sampling_noise
            else greatest(change_limit, noise_multiple * sampling_noise)
        end as allowed_change,
        least_count >= minimum_count
        and if(
            has_ratio,
            abs(ln(statistic_value / expected_value)) > ln(1 + allowed_change),
            abs(value_change) > allowed_change
        ) as is_jump,
        {{ is_listed('paired', 'survey_year') }} as is_listed,
        {{ is_listed('paired', 'previous_survey_year') }} as was_listed

    from paired

),

explained as (

    select
        table_name,
        column_name,
        survey,
        dataset_id,
        survey_year,
        income_year,
        statistic,
        category,
        unit,
        row_count,
        used_count,
        statistic_value,
        standard_error,
        previous_dataset_id,
        previous_value,
        expected_growth,
        value_change,
        allowed_change,
        coalesce(is_jump, false) as is_jump,
        coalesce(
            (
                select string_agg(breaks.reason, '; ' order by breaks.vintage)
                from {{ ref('params_declared_break') }} as breaks
                where
                    breaks.survey = compared.survey
                    and breaks.table_name = compared.table_name
                    and breaks.variable = compared.column_name
                    and breaks.vintage > compared.previous_survey_year
                    and breaks.vintage <= compared.survey_year
            ),
            if(is_listed and not was_listed, 'begins here, says the crosswalk', null),
            if(was_listed and not is_listed, 'ended before, says the crosswalk', null)
        ) as explanation

    from compared

)

select * from explained
order by table_name, column_name, survey, statistic, category nulls first, survey_year
