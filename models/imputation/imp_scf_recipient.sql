-- Grain: one row per household of the base records.
-- The recipients' side of the imputation from the SCF: incomes of the whole household with the
-- age and family of the tax unit that its reference person belongs to, since the SCF interviews
-- the household's dominant couple or single and asks about everybody who depends on them.
with

reference_units as (

    select
        person.household_id,
        tax_unit.dataset_id,
        tax_unit.tax_unit_id as reference_tax_unit_id,
        tax_unit.design_weight,
        tax_unit.age_head as age,
        tax_unit.filing_status = 'joint' as is_couple,
        tax_unit.n_under_18 as n_children

    from {{ base_records('person') }} as person
    inner join {{ base_records('tax_unit') }} as tax_unit
        on person.tax_unit_id = tax_unit.tax_unit_id
    where person.is_reference_person

),

household_incomes as (

    select
        household_id,
        fsum(employment_income order by tax_unit_id) as employment_income,
        fsum(
            self_employment_income
            + farm_income
            + coalesce(rental_income, 0)
            + coalesce(partnership_s_corp_income, 0)
            order by tax_unit_id
        ) as business_income,
        fsum(
            social_security + total_pension_income + taxable_ira_distributions
            order by tax_unit_id
        ) as retirement_income,
        fsum(
            unemployment_compensation + ssi + tanf + coalesce(veterans_benefits, 0)
            + coalesce(alimony_income, 0)
            order by tax_unit_id
        ) as transfer_income

    from {{ base_records('tax_unit') }}
    group by household_id

),

recipients as (

    select
        reference_units.dataset_id,
        reference_units.household_id,
        reference_units.reference_tax_unit_id,
        reference_units.design_weight,
        reference_units.age,
        reference_units.is_couple,
        reference_units.n_children,
        household_incomes.business_income,
        household_incomes.employment_income,
        household_incomes.retirement_income,
        household_incomes.transfer_income

    from reference_units
    inner join household_incomes on reference_units.household_id = household_incomes.household_id

)

select * from recipients
