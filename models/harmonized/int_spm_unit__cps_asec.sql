-- Grain: one row per SPM unit of the CPS ASEC.
-- The survey repeats a unit's values on each member: they are taken once, never summed over
-- persons. That members agree is tested.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

households as (

    select * from {{ ref('int_household__cps_asec') }}

),

units as (

    select
        persons.dataset_id,
        persons.spm_unit_id,
        persons.household_id,
        persons.survey_year,
        persons.income_year,
        households.design_weight,
        any_value(persons.spm_num_adults) as num_adults,
        any_value(persons.spm_num_children) as num_children,
        any_value(persons.spm_broadband_subsidy) as broadband_subsidy,
        any_value(persons.spm_child_support_paid) as child_support_paid,
        any_value(persons.spm_energy_subsidy) as energy_subsidy,
        any_value(persons.spm_equivalence_scale) as equivalence_scale,
        any_value(persons.spm_federal_tax) as federal_tax,
        any_value(persons.spm_geoadj) as geoadj,
        any_value(persons.spm_housing_subsidy) as housing_subsidy,
        any_value(persons.spm_medical_expenses) as medical_expenses,
        any_value(persons.spm_payroll_tax) as payroll_tax,
        any_value(persons.spm_school_meals) as school_meals,
        any_value(persons.spm_snap) as snap,
        any_value(persons.spm_resources) as spm_resources,
        any_value(persons.spm_threshold) as spm_threshold,
        any_value(persons.spm_state_tax) as state_tax,
        any_value(persons.spm_tenure_code) as tenure_code,
        any_value(persons.spm_wic) as wic,
        any_value(persons.spm_work_childcare_expenses) as work_childcare_expenses,
        any_value(persons.is_spm_poor) as is_spm_poor

    from persons
    inner join households
        on
            persons.dataset_id = households.dataset_id
            and persons.household_id = households.household_id

    group by
        persons.dataset_id,
        persons.spm_unit_id,
        persons.household_id,
        persons.survey_year,
        persons.income_year,
        households.design_weight

)

select * from units
