-- Grain: one row per person of the SIPP who is there in December.
-- Flows are of the year, what is owned and who lives with whom as of December, the weight
-- December's. Interest, dividends and pensions are split by the shares that split the ASEC's.
-- Nuance: self-employment has farming in it, of which the file tells nothing apart.
{{ config(enabled=target.name != 'tax_units') }}
with

members as (

    select * from {{ ref('int_kinship__sipp') }}

),

shares as (

    select
        max(case when variable = 'taxable_interest_income' then share end) as taxable_interest,
        max(case when variable = 'tax_exempt_interest_income' then share end) as exempt_interest,
        max(case when variable = 'qualified_dividend_income' then share end) as qualified,
        max(case when variable = 'non_qualified_dividend_income' then share end) as non_qualified,
        max(case when variable = 'taxable_private_pension_income' then share end)
            as taxable_pension,
        max(case when variable = 'tax_exempt_private_pension_income' then share end)
            as exempt_pension

    from {{ ref('params_income_split') }}

),

harmonized as (

    select
        members.dataset_id,
        members.person_id,
        members.household_id,
        greatest(members.person_id, coalesce(members.spouse_person_id, members.person_id))
            as marital_unit_id,
        members.survey_year,
        members.income_year,
        members.person_number as line_number,
        members.person_weight,
        households.design_weight,
        members.is_reference_person,
        members.relationship,
        members.spouse_person_id,
        members.partner_person_id,
        members.parent1_person_id,
        members.parent2_person_id,
        flows.months_observed,
        flows.is_annualised,
        members.age,
        least(members.age, rules.age_top_code) as age_lower,
        case when members.age < rules.age_top_code then members.age + 1 end as age_upper,
        members.age >= rules.age_top_code as is_age_topcoded,
        members.is_female,
        races.race,
        members.is_hispanic,
        educations.education,
        marital.marital_status,
        members.is_disabled,
        members.is_full_time_student,
        case
            when members.is_born_in_us then 'native'
            when members.is_citizen then 'naturalised'
            when not members.is_citizen then 'non_citizen'
        end as citizenship,
        case when flows.is_asked then coalesce(flows.weekly_hours_worked, 0) end
            as weekly_hours_worked,
        flows.weeks_worked,
        flows.alimony_income,
        members.bank_account_assets,
        members.bond_assets,
        flows.child_support_received,
        flows.disability_benefits,
        flows.wages as employment_income,
        flows.dividends * shares.non_qualified as non_qualified_dividend_income,
        flows.dividends * shares.qualified as qualified_dividend_income,
        flows.rents as rental_income,
        flows.profits as self_employment_income,
        flows.social_security,
        flows.ssi as ssi_reported,
        members.stock_assets,
        flows.public_assistance as tanf_reported,
        flows.interest * shares.exempt_interest as tax_exempt_interest_income,
        flows.pensions * shares.exempt_pension
            as tax_exempt_private_pension_income,
        flows.interest * shares.taxable_interest as taxable_interest_income,
        flows.pensions * shares.taxable_pension as taxable_private_pension_income,
        flows.tips as tip_income,
        flows.total_income as total_money_income,
        flows.unemployment_compensation,
        flows.veterans_benefits,
        flows.workers_compensation,
        flows.has_medicaid,
        flows.has_medicare,
        case
            when not flows.is_asked then 'structural_zero'
            when flows.is_wage_allocated then 'allocated'
            else 'reported'
        end as employment_income_origin,
        case
            when not flows.is_asked then 'structural_zero'
            when flows.is_profit_allocated then 'allocated'
            else 'reported'
        end as self_employment_income_origin

    from members
    cross join shares
    cross join {{ ref('params_sipp_rule') }} as rules
    inner join {{ ref('int_flow__sipp') }} as flows
        on members.dataset_id = flows.dataset_id and members.person_id = flows.person_id
    inner join {{ ref('int_household__sipp') }} as households
        on
            members.dataset_id = households.dataset_id
            and members.household_id = households.household_id
    left outer join {{ ref('codes_sipp_race') }} as races on members.race_code = races.code
    left outer join {{ ref('codes_sipp_education') }} as educations
        on members.education_code = educations.code
    left outer join {{ ref('codes_sipp_marital_status') }} as marital
        on members.marital_status_code = marital.code

)

select * from harmonized
