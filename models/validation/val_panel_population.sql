-- Grain: one row per imputation, year, sex and five years of age of the aged panel.
-- Persons at the end of the year beside the Trustees' path, the mean of two first days of July: by
-- the year's own weights, and by the base year's, which no calibration has touched.
with

persons as (

    select * from {{ ref('pnl_person') }}

),

residents as (

    select * from {{ ref('params_ssa_population') }}

),

aged as (

    select
        imputation,
        panel_year,
        case when is_female then 'female' else 'male' end as sex,
        least(age, 100) // 5 * 5 as age_lower,
        {{ exact_sum('panel_weight') }} as persons,
        {{ exact_sum('base_weight') }} as base_weight_persons

    from persons
    group by all

),

counted as (

    select
        cast(year as integer) as panel_year,
        cast(age // 5 * 5 as integer) as age_lower,
        male_single + male_married + male_widowed + male_divorced as male_count,
        female_single + female_married + female_widowed + female_divorced as female_count

    from residents

),

midyears as (

    select
        panel_year,
        age_lower,
        sum(male_count) as male,
        sum(female_count) as female

    from counted
    group by panel_year, age_lower

),

published as (

    select
        now.panel_year,
        now.age_lower,
        (now.male + ahead.male) / 2 as male,
        (now.female + ahead.female) / 2 as female

    from midyears as now
    inner join midyears as ahead
        on
            now.panel_year + 1 = ahead.panel_year
            and now.age_lower = ahead.age_lower

),

compared as (

    select
        aged.imputation,
        aged.panel_year,
        aged.sex,
        cast(aged.age_lower as integer) as age_lower,
        cast(case when aged.age_lower < 100 then aged.age_lower + 5 end as integer) as age_upper,
        case when aged.sex = 'female' then published.female else published.male end
            as published_persons,
        aged.persons,
        aged.base_weight_persons

    from aged
    left outer join published
        on
            aged.panel_year = published.panel_year
            and aged.age_lower = published.age_lower

),

gaps as (

    select
        *,
        persons / nullif(published_persons, 0) - 1 as relative_error,
        base_weight_persons / nullif(published_persons, 0) - 1 as base_weight_relative_error

    from compared

)

select * from gaps
order by imputation, panel_year, sex, age_lower
