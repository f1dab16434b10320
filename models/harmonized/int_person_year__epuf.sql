-- Grain: one row per Social Security number and year with taxable earnings of the EPUF.
-- Nuance: earnings are known only up to the year's base, so `earnings` is null throughout. A year
-- of 1951 to 2006 without a row had none. Each number stands for a hundred.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_epuf__person') }}

),

years as (

    select * from {{ ref('stg_epuf__person_year') }}

),

design as (

    select * from {{ ref('params_panel_design') }}
    where survey = 'epuf'

),

sampled as (

    select
        persons.dataset_id,
        persons.person_id,
        years.income_year,
        cast(design.persons_per_record as double) as design_weight,
        persons.birth_year,
        years.income_year - persons.birth_year as age,
        persons.is_female,
        years.taxable_earnings as earnings_covered_capped,
        years.quarters_of_coverage,
        true as is_observed,
        'taxable_capped' as earnings_concept

    from years
    inner join persons
        on
            years.dataset_id = persons.dataset_id
            and years.person_id = persons.person_id
    cross join design

)

select * from sampled
