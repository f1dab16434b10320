-- Grain: one row per dataset, mode, kind of unit or person, and measure.
-- What `val_tax_unit_construction` adds up: cells of units by status and number of dependants, and
-- of persons by dependency, age, and whether their unit is the survey's; each cell once a measure.
-- Weights have two decimals and are added exactly, in any order.
{{ config(enabled=target.name != 'tax_units', materialized='view') }}
with

persons as (

    select
        placed.mode,
        placed.dataset_id,
        placed.income_year,
        placed.is_filer,
        placed.tax_unit_id,
        placed.tax_unit_role,
        placed.filing_status,
        placed.survey_filing_status,
        placed.survey_tax_unit_id is not null as is_in_survey,
        placed.is_same_unit,
        coalesce(placed.dependency_type, 'not_said') as dependency_type,
        case
            when placed.age < rules.ctc_age then 'below_child_credit_age'
            when placed.age < rules.child_age then 'below_child_age'
            when placed.age < rules.student_age then 'below_student_age'
            else 'older'
        end as age_band,
        cast(placed.person_weight as decimal(18, 2)) as person_weight,
        cast(placed.design_weight as decimal(18, 2)) as design_weight

    from {{ ref('int_tax_unit_account__cps_asec') }} as placed
    inner join {{ ref('params_tax_unit_rule') }} as rules
        on placed.income_year = rules.income_year

),

units as (

    select
        mode,
        dataset_id,
        income_year,
        is_filer,
        filing_status,
        design_weight,
        least(count(*) filter (where tax_unit_role = 'dependent'), 4) as n_dependents

    from persons
    group by
        mode, dataset_id, income_year, is_filer, filing_status, design_weight, tax_unit_id

),

unit_cells as (

    select
        mode,
        dataset_id,
        income_year,
        is_filer,
        filing_status,
        n_dependents,
        count(*) as record_count,
        sum(cast(design_weight as decimal(18, 2))) as weighted_count

    from units
    group by all

),

person_cells as (

    select
        * exclude (tax_unit_id, person_weight, design_weight),
        count(*) as record_count,
        sum(cast(person_weight as decimal(18, 2))) as weighted_count

    from persons
    group by all

),

facets as (

    select
        mode,
        dataset_id,
        income_year,
        is_filer,
        record_count,
        weighted_count,
        unnest([
            ['unit', 'all', null],
            ['unit_status', filing_status, null],
            [
                'unit_dependents',
                if(n_dependents < 4, cast(n_dependents as varchar), '4_or_more'),
                null
            ]
        ]) as facet
    from unit_cells
    union all
    select
        mode,
        dataset_id,
        income_year,
        is_filer,
        record_count,
        weighted_count,
        unnest([
            ['dependent', 'all', null],
            ['dependent_type', dependency_type, null],
            ['dependent_age', age_band, null]
        ]) as facet
    from person_cells
    where tax_unit_role = 'dependent'
    union all
    select
        mode,
        dataset_id,
        income_year,
        is_filer,
        record_count,
        weighted_count,
        unnest([
            ['person_same_unit', if(is_same_unit, 'same', 'different'), null],
            ['person_status', filing_status, survey_filing_status]
        ]) as facet
    from person_cells
    where is_in_survey

)

select
    * exclude (facet),
    facet[1] as measure,
    facet[2] as category,
    facet[3] as survey_category
from facets
