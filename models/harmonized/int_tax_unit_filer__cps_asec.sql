-- Grain: one row per mode and tax unit of the CPS ASEC.
-- Who must file: gross income at or above the threshold of the status and age, or self-employment
-- income of 400 dollars.
-- Nuance: gross income leaves Social Security out, and those who file to get money back are not
-- among who must. For comparison only: who files in a build is decided after imputation.
{{ config(enabled=target.name != 'tax_units') }}
with

units as (

    select * from {{ ref('int_tax_unit_composition__cps_asec') }}

),

heads as (

    select * from {{ ref('int_tax_unit_base__cps_asec') }}

),

judged as (

    select
        units.mode,
        units.dataset_id,
        units.tax_unit_id,
        units.filing_status,
        case
            when thresholds.filing_status is not null
                then
                    heads.unit_self_employment_income >= 400
                    or heads.unit_gross_income
                    >= thresholds.gross_income_threshold
                    + thresholds.addition_65_plus * (
                        cast(units.age_head >= 65 as integer)
                        + coalesce(cast(units.age_spouse >= 65 as integer), 0)
                    )
        end as is_filer

    from units
    inner join heads
        on units.dataset_id = heads.dataset_id and units.head_person_id = heads.person_id
    left outer join {{ ref('params_filing') }} as thresholds
        on
            units.income_year = thresholds.calendar_year
            and units.filing_status = thresholds.filing_status

)

select * from judged
