-- Grain: one row per dataset and tenure.
-- The base of the SPM threshold, for two adults with two children, that a file implies beside the
-- one that BLS published for its year.
{{ config(enabled=target.name != 'tax_units') }}
with

units as (

    select * from {{ ref('int_poverty_spm__cps_asec') }}

),

implied as (

    select
        dataset_id,
        income_year,
        tenure_code,
        count(*) as unit_count,
        max(base_threshold) as implied_threshold,
        count(*) filter (where threshold != survey_threshold) as unexplained_count

    from units
    group by dataset_id, income_year, tenure_code

),

compared as (

    select
        implied.dataset_id,
        implied.income_year,
        implied.tenure_code,
        implied.unit_count,
        implied.unexplained_count,
        implied.implied_threshold,
        published.base_threshold as published_threshold,
        implied.implied_threshold - published.base_threshold as gap,
        coalesce(published.is_confirmed, false) as is_confirmed,
        published.source,
        published.note

    from implied
    left outer join {{ ref('params_spm_threshold') }} as published
        on
            implied.income_year = published.income_year
            and implied.tenure_code = published.tenure_code

)

select * from compared
order by dataset_id, tenure_code
