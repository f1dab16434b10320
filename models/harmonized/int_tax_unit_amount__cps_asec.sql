-- Grain: one row per tax unit of the CPS ASEC.
-- Amounts of a return are those of head and spouse: a dependant's wages, Social Security and
-- savings income are not on the claimant's return. Benefits (SSI, TANF, veterans') and medical
-- expenses are those of all members.
-- Assumption: health premiums count as medical expenses, though employees often pay them before
-- tax; over-the-counter spending does not.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('int_person__cps_asec') }}

),

filing as (

    select
        dataset_id,
        tax_unit_id,
        fsum(alimony_income) as alimony_income,
        fsum(employment_income) as employment_income,
        fsum(employment_income) filter (where tax_unit_role = 'head') as employment_income_head,
        coalesce(fsum(employment_income) filter (where tax_unit_role = 'spouse'), 0)
            as employment_income_spouse,
        fsum(farm_income) as farm_income,
        fsum(farm_income) filter (where tax_unit_role = 'head') as farm_income_head,
        coalesce(fsum(farm_income) filter (where tax_unit_role = 'spouse'), 0)
            as farm_income_spouse,
        fsum(long_term_capital_gains) as long_term_capital_gains,
        fsum(non_qualified_dividend_income) as non_qualified_dividend_income,
        fsum(qualified_dividend_income) as qualified_dividend_income,
        fsum(rental_income) as rental_income,
        fsum(self_employment_income) as self_employment_income,
        fsum(self_employment_income) filter (where tax_unit_role = 'head')
            as self_employment_income_head,
        coalesce(fsum(self_employment_income) filter (where tax_unit_role = 'spouse'), 0)
            as self_employment_income_spouse,
        fsum(short_term_capital_gains) as short_term_capital_gains,
        fsum(social_security) as social_security,
        fsum(tax_exempt_interest_income) as tax_exempt_interest_income,
        fsum(taxable_interest_income) as taxable_interest_income,
        fsum(taxable_ira_distributions) as taxable_ira_distributions,
        fsum(taxable_private_pension_income + taxable_401k_distributions)
            as taxable_pension_income,
        fsum(
            taxable_private_pension_income
            + tax_exempt_private_pension_income
            + taxable_401k_distributions
        ) as total_pension_income,
        fsum(unemployment_compensation) as unemployment_compensation

    from persons
    where tax_unit_role <> 'dependent'
    group by dataset_id, tax_unit_id

),

everyone as (

    select
        dataset_id,
        tax_unit_id,
        fsum(
            coalesce(health_insurance_premiums, 0)
            + coalesce(medicare_premiums, 0)
            + coalesce(other_medical_expenses, 0)
        ) as medical_expenses,
        fsum(ssi_reported) as ssi,
        fsum(tanf_reported) as tanf,
        fsum(veterans_benefits) as veterans_benefits

    from persons
    group by dataset_id, tax_unit_id

),

summed as (

    select
        filing.dataset_id,
        filing.tax_unit_id,
        filing.alimony_income,
        filing.employment_income,
        filing.employment_income_head,
        filing.employment_income_spouse,
        filing.farm_income,
        filing.farm_income_head,
        filing.farm_income_spouse,
        filing.long_term_capital_gains,
        everyone.medical_expenses,
        filing.non_qualified_dividend_income,
        filing.qualified_dividend_income,
        filing.rental_income,
        filing.self_employment_income,
        filing.self_employment_income_head,
        filing.self_employment_income_spouse,
        filing.short_term_capital_gains,
        filing.social_security,
        everyone.ssi,
        everyone.tanf,
        filing.tax_exempt_interest_income,
        filing.taxable_interest_income,
        filing.taxable_ira_distributions,
        filing.taxable_pension_income,
        filing.total_pension_income,
        filing.unemployment_compensation,
        everyone.veterans_benefits

    from filing
    inner join everyone
        on
            filing.dataset_id = everyone.dataset_id
            and filing.tax_unit_id = everyone.tax_unit_id

)

select * from summed
