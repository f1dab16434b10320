-- Grain: one row per tax unit of the CPS ASEC.
-- Amounts of a return are those of head and spouse: a dependant's wages, Social Security and
-- savings income are not on the claimant's return. Benefits (SSI, TANF, veterans') and medical
-- expenses are those of all members.
-- Nuance: head and spouse are added, not summed as a group: the last bit of a sum of fractions
-- depends on the order of rows. The sums over members are of whole dollars and exact.
-- Assumption: health premiums count as medical expenses, though employees often pay them before
-- tax; over-the-counter spending does not.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select
        *,
        taxable_private_pension_income + taxable_401k_distributions as taxable_pension_income,
        taxable_private_pension_income
        + tax_exempt_private_pension_income
        + taxable_401k_distributions as total_pension_income

    from {{ ref('int_person__cps_asec') }}

),

heads as (

    select * from persons
    where tax_unit_role = 'head'

),

spouses as (

    select * from persons
    where tax_unit_role = 'spouse'

),

everyone as (

    select
        dataset_id,
        tax_unit_id,
        fsum(
            coalesce(health_insurance_premiums, 0)
            + coalesce(medicare_premiums, 0)
            + coalesce(other_medical_expenses, 0)
            order by person_id
        ) as medical_expenses,
        fsum(ssi_reported order by person_id) as ssi,
        fsum(tanf_reported order by person_id) as tanf,
        fsum(veterans_benefits order by person_id) as veterans_benefits

    from persons
    group by dataset_id, tax_unit_id

),

added as (

    select
        heads.dataset_id,
        heads.tax_unit_id,
        heads.alimony_income + coalesce(spouses.alimony_income, 0) as alimony_income,
        heads.employment_income + coalesce(spouses.employment_income, 0) as employment_income,
        heads.employment_income as employment_income_head,
        coalesce(spouses.employment_income, 0) as employment_income_spouse,
        heads.farm_income + coalesce(spouses.farm_income, 0) as farm_income,
        heads.farm_income as farm_income_head,
        coalesce(spouses.farm_income, 0) as farm_income_spouse,
        heads.long_term_capital_gains + coalesce(spouses.long_term_capital_gains, 0)
            as long_term_capital_gains,
        everyone.medical_expenses,
        heads.non_qualified_dividend_income + coalesce(spouses.non_qualified_dividend_income, 0)
            as non_qualified_dividend_income,
        heads.qualified_dividend_income + coalesce(spouses.qualified_dividend_income, 0)
            as qualified_dividend_income,
        heads.rental_income + coalesce(spouses.rental_income, 0) as rental_income,
        heads.self_employment_income + coalesce(spouses.self_employment_income, 0)
            as self_employment_income,
        heads.self_employment_income as self_employment_income_head,
        coalesce(spouses.self_employment_income, 0) as self_employment_income_spouse,
        heads.short_term_capital_gains + coalesce(spouses.short_term_capital_gains, 0)
            as short_term_capital_gains,
        heads.social_security + coalesce(spouses.social_security, 0) as social_security,
        everyone.ssi,
        everyone.tanf,
        heads.tax_exempt_interest_income + coalesce(spouses.tax_exempt_interest_income, 0)
            as tax_exempt_interest_income,
        heads.taxable_interest_income + coalesce(spouses.taxable_interest_income, 0)
            as taxable_interest_income,
        heads.taxable_ira_distributions + coalesce(spouses.taxable_ira_distributions, 0)
            as taxable_ira_distributions,
        heads.taxable_pension_income + coalesce(spouses.taxable_pension_income, 0)
            as taxable_pension_income,
        heads.total_pension_income + coalesce(spouses.total_pension_income, 0)
            as total_pension_income,
        heads.unemployment_compensation + coalesce(spouses.unemployment_compensation, 0)
            as unemployment_compensation,
        everyone.veterans_benefits

    from heads
    inner join everyone
        on heads.dataset_id = everyone.dataset_id and heads.tax_unit_id = everyone.tax_unit_id
    left outer join spouses
        on heads.dataset_id = spouses.dataset_id and heads.tax_unit_id = spouses.tax_unit_id

)

select * from added
