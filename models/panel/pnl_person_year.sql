-- Grain: one row per person and year whose earnings a panel knows.
-- What drawn lives are learnt from. Earnings below what one quarter of coverage asked for in the
-- year are no work. Nuance: amounts that are cut at the taxable maximum have no ranks above it, and
-- panels of those who earned have no years without: both are left out.
{{ config(enabled=target.name != 'tax_units') }}
with

person_years as (

    select * from {{ ref('int_person_year') }}
    where
        is_observed
        and earnings is not null
        and birth_year is not null
        and is_female is not null
        and design_weight > 0

),

quarters as (

    select * from {{ ref('params_ssa_quarter_of_coverage') }}

),

described as (

    select
        person_years.dataset_id,
        person_years.person_id,
        -- Persons of a PSID family of 1968, and all who descend from it.
        person_years.person_id // 1000 as family_id,
        person_years.income_year,
        person_years.is_female,
        person_years.birth_year,
        arg_max(person_years.education, person_years.income_year) over (
            partition by person_years.dataset_id, person_years.person_id
        ) as education,
        avg(person_years.design_weight) over (
            partition by person_years.dataset_id, person_years.person_id
            order by person_years.income_year
            rows between unbounded preceding and unbounded following
        ) as design_weight,
        greatest(person_years.earnings, 0) as earnings,
        -- Until 1977 a quarter in which 50 dollars were paid was one of coverage.
        coalesce(cast(quarters.quarter_of_coverage_amount as double), 50) as least_earnings

    from person_years
    left outer join quarters on person_years.income_year = quarters.year

)

select * from described
order by dataset_id, person_id, income_year
