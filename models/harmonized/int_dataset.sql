-- Grain: one row per dataset: a survey and its income year.
-- Which records a build has, and which of them it completes and weighs: those of the base survey,
-- and where that has several years, of the year that the release describes.
with

datasets as (

    select
        dataset_id,
        max(survey_year) as survey_year,
        max(income_year) as income_year,
        {{ survey_of('dataset_id') }} as survey,
        starts_with(dataset_id, 'demo_') as is_synthetic,
        count(*) as household_count,
        fsum(design_weight order by household_id) as design_weight

    from {{ ref('int_household') }}
    group by dataset_id

),

chosen as (

    select
        dataset_id,
        survey,
        survey_year,
        income_year,
        survey = '{{ base_survey() }}'
        and ({{ base_survey() == 'taxcalc_cps' }} or income_year = {{ var('income_year') }})
            as is_base,
        is_synthetic,
        household_count,
        design_weight

    from datasets

)

select * from chosen
order by dataset_id
