-- Grain: one row per SPM unit of the CPS ASEC.
-- The Supplemental Poverty Measure put together again: resources from their parts; the threshold
-- from the base of the tenure, the three-parameter scale of the members counted, and the survey's
-- geographic adjustment; poor is who has fewer resources than the threshold.
-- Nuance: the base of a dataset and tenure is found in the file, as the dollar that gives the
-- thresholds of all its units; without one, the median of what they imply. The Census uses 1.41
-- for two adults, and rounds scale and adjustment to four decimals before it multiplies.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

units as (

    select
        dataset_id,
        spm_unit_id,
        household_id,
        income_year,
        any_value(spm_tenure_code) as tenure_code,
        any_value(spm_threshold) as survey_threshold,
        any_value(spm_resources) as survey_resources,
        any_value(is_spm_poor) as is_survey_poor,
        any_value(spm_equivalence_scale) as survey_equivalence_scale,
        any_value(spm_geoadj) as geoadj,
        greatest(count(*) filter (where age >= 18), 1) as num_adults,
        count(*) - num_adults as num_children,
        any_value(
            spm_money_income
            + spm_snap
            + spm_school_meals
            + spm_wic
            + spm_energy_subsidy
            + spm_housing_subsidy
            + coalesce(spm_broadband_subsidy, 0)
            - spm_federal_tax
            - spm_state_tax
            - spm_payroll_tax
            - spm_work_childcare_expenses
            - spm_medical_expenses
            - spm_child_support_paid
        ) as resources,
        fsum(total_money_income order by person_id) as money_income,
        any_value(spm_money_income) as survey_money_income

    from persons
    group by dataset_id, spm_unit_id, household_id, income_year

),

scaled as (

    select
        *,
        round(
            case
                when num_children = 0 and num_adults = 2 then 1.41
                when num_children = 0 then power(num_adults, if(num_adults = 1, 0, 0.7))
                when num_adults = 1 then power(1.8 + 0.5 * (num_children - 1), 0.7)
                else power(num_adults + 0.5 * num_children, 0.7)
            end / power(3, 0.7),
            4
        ) as equivalence_scale,
        (survey_threshold - 0.5) / (survey_equivalence_scale * geoadj) as base_floor,
        (survey_threshold + 0.5) / (survey_equivalence_scale * geoadj) as base_ceiling,
        survey_threshold / (survey_equivalence_scale * geoadj) as base_middle

    from units

),

bases as (

    select
        dataset_id,
        tenure_code,
        case
            when ceil(max(base_floor)) <= min(base_ceiling) then ceil(max(base_floor))
            else round(median(base_middle))
        end as base_threshold

    from scaled
    group by dataset_id, tenure_code

),

compared as (

    select
        scaled.* exclude (base_floor, base_ceiling, base_middle),  -- the star's own -- noqa: RF02
        bases.base_threshold,
        round(bases.base_threshold * scaled.equivalence_scale * scaled.geoadj) as threshold,
        scaled.resources
        < round(bases.base_threshold * scaled.equivalence_scale * scaled.geoadj) as is_poor

    from scaled
    inner join bases
        on
            scaled.dataset_id = bases.dataset_id
            and scaled.tenure_code = bases.tenure_code

)

select * from compared
