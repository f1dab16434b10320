-- Grain: one row per household of Tax-Calculator's CPS file, taken as its SPM unit. The file has
-- in-kind benefits but neither resources nor thresholds of the SPM; those are null.
{{ config(enabled=target.name == 'tax_units') }}
with

tax_units as (

    select * from {{ ref('int_tax_unit__taxcalc_cps') }}

),

spm_units as (

    select
        dataset_id,
        household_id as spm_unit_id,
        household_id,
        survey_year,
        income_year,
        design_weight,
        cast(sum(n_members - n_under_18) as integer) as num_adults,
        cast(sum(n_under_18) as integer) as num_children,
        cast(null as double) as broadband_subsidy,
        cast(null as double) as child_support_paid,
        cast(null as double) as energy_subsidy,
        cast(null as double) as equivalence_scale,
        cast(null as double) as federal_tax,
        cast(null as double) as geoadj,
        cast(null as double) as housing_subsidy,
        cast(null as double) as medical_expenses,
        cast(null as double) as payroll_tax,
        cast(null as double) as school_meals,
        fsum(snap) as snap,
        cast(null as double) as spm_resources,
        cast(null as double) as spm_threshold,
        cast(null as double) as state_tax,
        cast(null as integer) as tenure_code,
        fsum(wic) as wic,
        cast(null as double) as work_childcare_expenses,
        cast(null as boolean) as is_spm_poor

    from tax_units
    group by dataset_id, household_id, survey_year, income_year, design_weight

)

select * from spm_units
