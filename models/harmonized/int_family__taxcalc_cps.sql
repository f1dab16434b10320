-- Grain: one row per family of Tax-Calculator's CPS file: the tax units of a household that share
-- a family position. The file has no poverty thresholds; they come by rule from the published
-- matrix (size, related children under 18, and for one or two persons whether the householder,
-- the head with the lowest line number, is 65 or over).
{{ config(enabled=target.name == 'tax_units') }}
with

heads as (

    select * from {{ ref('int_person__taxcalc_cps') }}
    where tax_unit_role = 'head'

),

thresholds as (

    select * from {{ ref('params_poverty_threshold') }}

),

families as (

    select
        tax_units.dataset_id,
        heads.family_id,
        tax_units.household_id,
        tax_units.survey_year,
        tax_units.income_year,
        cast(sum(tax_units.n_members) as integer) as family_size,
        cast(
            sum(tax_units.n_under_18)
            - max(cast(tax_units.age_head < 18 and tax_units.n_members = 1 as integer))
            as integer
        ) as related_children,
        arg_min(tax_units.age_head, heads.line_number) >= 65 as is_householder_65_plus,
        max(tax_units.design_weight) as design_weight,
        fsum({{ money_income('tax_units') }} order by tax_units.tax_unit_id)
            as official_money_income

    from {{ ref('int_tax_unit__taxcalc_cps') }} as tax_units
    inner join heads on tax_units.tax_unit_id = heads.tax_unit_id
    group by
        tax_units.dataset_id,
        heads.family_id,
        tax_units.household_id,
        tax_units.survey_year,
        tax_units.income_year

),

compared as (

    select
        families.dataset_id,
        families.family_id,
        families.household_id,
        families.survey_year,
        families.income_year,
        cast(null as varchar) as family_type,
        families.family_size,
        greatest(families.related_children, 0) as related_children,
        families.design_weight,
        families.official_money_income,
        cast(thresholds.threshold as double) as official_poverty_threshold,
        families.official_money_income < thresholds.threshold as is_poor

    from families
    inner join thresholds
        on
            families.income_year = thresholds.calendar_year
            and least(families.family_size, 9) = thresholds.family_size
            and least(
                greatest(families.related_children, 0),
                least(families.family_size, 9) - 1
            ) = thresholds.related_children
            and families.is_householder_65_plus = thresholds.is_householder_65_plus

)

select * from compared
