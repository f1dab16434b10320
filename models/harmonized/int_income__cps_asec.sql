-- Grain: one row per person of the CPS ASEC.
-- The survey's income items under harmonised names. Bundled items (interest, dividends, pensions,
-- capital gains) are split by published shares: the split keeps each total but makes every
-- person's composition the same.
-- Nuance: total money income (PTOTVAL) is the sum of the items other than capital gains,
-- distributions before age 58 and disability income that repeats workers' compensation.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

shares as (

    select
        income_year,
        max(case when variable = 'taxable_interest_income' then share end) as taxable_interest,
        max(case when variable = 'tax_exempt_interest_income' then share end) as exempt_interest,
        max(case when variable = 'qualified_dividend_income' then share end) as qualified,
        max(case when variable = 'non_qualified_dividend_income' then share end) as non_qualified,
        max(case when variable = 'taxable_private_pension_income' then share end)
            as taxable_pension,
        max(case when variable = 'tax_exempt_private_pension_income' then share end)
            as exempt_pension,
        max(case when variable = 'long_term_capital_gains' then share end) as long_term,
        max(case when variable = 'short_term_capital_gains' then share end) as short_term

    from {{ ref('params_income_split') }}
    group by income_year

),

asked as (

    select
        persons.*,
        persons.age < rules.income_universe_age as is_outside_income_universe

    from persons
    cross join {{ ref('params_cps_asec_rule') }} as rules

),

harmonized as (

    select
        asked.dataset_id,
        asked.person_id,

        case when other_types.other_income_type = 'alimony' then asked.other_income else 0 end
            as alimony_income,
        asked.child_support_paid as child_support_expense,
        asked.child_support_received,
        case
            when coalesce(sources1.is_workers_compensation, false) then 0
            else asked.disability_income1
        end
        + case
            when coalesce(sources2.is_workers_compensation, false) then 0
            else asked.disability_income2
        end as disability_benefits,
        coalesce(asked.wages, case when asked.is_outside_income_universe then 0 end)
            as employment_income,
        asked.farm_self_employment as farm_income,
        asked.health_insurance_premiums,
        asked.capital_gains * shares.long_term as long_term_capital_gains,
        asked.medicare_premiums,
        asked.dividends * shares.non_qualified as non_qualified_dividend_income,
        case when other_types.other_income_type = 'alimony' then 0 else asked.other_income end
        + coalesce(asked.educational_assistance, 0)
        + coalesce(asked.financial_assistance, 0)
        + coalesce(asked.survivor_income, 0) as other_income,
        asked.other_medical_expenses,
        asked.over_the_counter_health_expenses,
        asked.dividends * shares.qualified as qualified_dividend_income,
        asked.rents as rental_income,
        asked.retirement_contributions,
        asked.self_employment as self_employment_income,
        asked.capital_gains * shares.short_term as short_term_capital_gains,
        benefits.social_security,
        benefits.social_security_dependents,
        benefits.social_security_disability,
        benefits.social_security_retirement,
        benefits.social_security_survivors,
        asked.ssi as ssi_reported,
        asked.public_assistance as tanf_reported,
        asked.interest * shares.exempt_interest as tax_exempt_interest_income,
        distributions.roth_ira as tax_exempt_ira_distributions,
        (asked.pensions + asked.annuities) * shares.exempt_pension
            as tax_exempt_private_pension_income,
        distributions.employer_plan as taxable_401k_distributions,
        asked.interest * shares.taxable_interest as taxable_interest_income,
        distributions.ira as taxable_ira_distributions,
        (asked.pensions + asked.annuities) * shares.taxable_pension
            as taxable_private_pension_income,
        asked.total_money_income,
        asked.unemployment_compensation,
        asked.veterans_benefits,
        asked.workers_compensation

    from asked
    inner join shares on asked.income_year = shares.income_year
    inner join {{ ref('int_distribution__cps_asec') }} as distributions
        on asked.dataset_id = distributions.dataset_id and asked.person_id = distributions.person_id
    inner join {{ ref('int_social_security__cps_asec') }} as benefits
        on asked.dataset_id = benefits.dataset_id and asked.person_id = benefits.person_id
    left outer join {{ ref('codes_cps_other_income') }} as other_types
        on asked.other_income_code = other_types.code
    left outer join {{ ref('codes_cps_disability_source') }} as sources1
        on asked.disability_source1_code = sources1.code
    left outer join {{ ref('codes_cps_disability_source') }} as sources2
        on asked.disability_source2_code = sources2.code

)

select * from harmonized
