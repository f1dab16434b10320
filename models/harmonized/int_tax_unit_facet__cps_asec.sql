-- Grain: one row per mode, unit or person of the CPS ASEC, and thing counted.
-- What `val_tax_unit_construction` counts, one facet a row: units by status and number of
-- dependants; dependants by type and age; persons by whether their unit is the survey's, and by
-- status in both.
{{ config(enabled=target.name != 'tax_units', materialized='view') }}
with

persons as (

    select * from {{ ref('int_tax_unit_account__cps_asec') }}

),

units as (

    select
        mode,
        dataset_id,
        income_year,
        is_filer,
        tax_unit_id,
        filing_status,
        design_weight,
        count(*) filter (where tax_unit_role = 'dependent') as n_dependents

    from persons
    group by
        mode, dataset_id, income_year, is_filer, tax_unit_id, filing_status, design_weight

),

facets as (

    select
        mode,
        dataset_id,
        income_year,
        is_filer,
        tax_unit_id as record_id,
        design_weight as weight,
        unnest([
            ['unit', 'all', null],
            ['unit_status', filing_status, null],
            [
                'unit_dependents',
                if(n_dependents < 4, cast(n_dependents as varchar), '4_or_more'),
                null
            ]
        ]) as facet
    from units
    union all
    select
        persons.mode,
        persons.dataset_id,
        persons.income_year,
        persons.is_filer,
        persons.person_id as record_id,
        persons.person_weight as weight,
        unnest([
            ['dependent', 'all', null],
            ['dependent_type', coalesce(persons.dependency_type, 'not_said'), null],
            [
                'dependent_age',
                case
                    when persons.age < rules.ctc_age then 'below_child_credit_age'
                    when persons.age < rules.child_age then 'below_child_age'
                    when persons.age < rules.student_age then 'below_student_age'
                    else 'older'
                end,
                null
            ]
        ]) as facet
    from persons
    inner join {{ ref('params_tax_unit_rule') }} as rules
        on persons.income_year = rules.income_year
    where persons.tax_unit_role = 'dependent'
    union all
    select
        mode,
        dataset_id,
        income_year,
        is_filer,
        person_id as record_id,
        person_weight as weight,
        unnest([
            ['person_same_unit', if(is_same_unit, 'same', 'different'), null],
            ['person_status', filing_status, survey_filing_status]
        ]) as facet
    from persons
    where survey_tax_unit_id is not null

)

select
    * exclude (facet),
    facet[1] as measure,
    facet[2] as category,
    facet[3] as survey_category
from facets
