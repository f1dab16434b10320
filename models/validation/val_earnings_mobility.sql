-- Grain: one row per panel, distance in years, group of earnings then and group later.
-- Who moves where: groups 1 to 5 are fifths of those with earnings in a year, 0 is without. Persons
-- known in both years count. Nuance: the EPUF has no rows without earnings, and so no 0.
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

ages as (

    select
        min(age_lower) as age_lower,
        max(age_upper) as age_upper,
        max(group_count) as group_count

    from moments

),

working as (

    select
        person_years.*,
        ages.group_count,
        row_number() over year_of_panel as place,
        count(*) over (
            partition by person_years.dataset_id, person_years.income_year, person_years.amount > 0
        ) as person_count

    from person_years
    cross join ages
    where person_years.age >= ages.age_lower and person_years.age < ages.age_upper
    window
        year_of_panel as (
            partition by person_years.dataset_id, person_years.income_year, person_years.amount > 0
            order by person_years.amount, person_years.person_id
        )

),

grouped as (

    select
        dataset_id,
        person_id,
        income_year,
        case
            when amount > 0 then cast(ceil(place * group_count / person_count) as integer) else 0
        end as earnings_group

    from working

),

paired as (

    select
        earlier.dataset_id,
        moments.lag_years,
        earlier.earnings_group as origin_group,
        later.earnings_group as destination_group,
        count(*) as pair_count

    from grouped as earlier
    cross join moments
    inner join grouped as later
        on
            earlier.dataset_id = later.dataset_id
            and earlier.person_id = later.person_id
            and earlier.income_year + moments.lag_years = later.income_year
    group by
        earlier.dataset_id, moments.lag_years, earlier.earnings_group, later.earnings_group

),

shared as (

    select
        dataset_id,
        lag_years,
        origin_group,
        destination_group,
        pair_count,
        pair_count / sum(pair_count) over (
            partition by dataset_id, lag_years, origin_group
        ) as destination_share

    from paired

)

select * from shared
order by dataset_id, lag_years, origin_group, destination_group
