-- Units of which copy 1+ has other wages than were told though they told none of the top, or less
-- than the top in their place.
{{ config(meta={'description': 'Only top wages are drawn anew, and stay top wages.'}) }}
with

units as (

    select * from {{ ref('ext_tax_unit') }}
    where employment_income_origin != 'reported'

),

told as (

    select * from {{ ref('ext_tax_unit') }}
    where copy_id = 0

),

wrong as (

    select
        units.tax_unit_id,
        told.employment_income as told_wages,
        units.employment_income as drawn_wages

    from units
    inner join told
        on units.tax_unit_id = told.tax_unit_id + units.copy_id * {{ copy_id_offset() }}
    cross join {{ ref('params_top_wage') }} as limits
    where
        limits.calendar_year = {{ var('income_year') }}
        and least(told.employment_income, units.employment_income)
        < limits.wages_lower - 0.01

)

select * from wrong
