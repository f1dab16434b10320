-- Grain: one row per family and implicate of the SCF.
-- The balance sheet and incomes under harmonised names. Accounts, stocks and bonds are gathered as
-- the SIPP gathers them, so that the two can be compared; every asset and debt is in one item.
with

families as (

    select * from {{ ref('stg_scf__family') }}

),

harmonized as (

    select
        families.dataset_id,
        families.family_id as economic_unit_id,
        families.implicate,
        families.survey_year,
        families.income_year,
        families.design_weight,
        families.age,
        families.is_female,
        families.is_married_or_partnered,
        families.n_children,
        races.race_ethnicity,
        educations.education,
        families.is_homeowner,
        families.asset_value as assets,
        families.vehicle_loan_balance as auto_loan_balance,
        families.liquid_assets + families.certificates_of_deposit as bank_account_assets,
        families.bond_assets,
        families.business_assets,
        families.business_farm_income,
        families.capital_gains,
        families.credit_card_balance,
        families.debt,
        families.education_loan_balance,
        families.employment_income,
        families.financial_assets,
        families.interest_dividend_income,
        families.mortgage_balance,
        families.net_worth,
        families.nonfinancial_assets,
        families.normal_income,
        families.other_debt
        + families.other_installment_balance
        + families.other_line_of_credit_balance as other_debt,
        families.cash_value_life_insurance
        + families.savings_bonds
        + families.other_managed_assets
        + families.other_financial_assets as other_financial_assets,
        families.other_nonfinancial_assets,
        families.other_residential_real_estate
        + families.nonresidential_real_estate as other_real_estate_assets,
        families.other_residential_debt as other_real_estate_debt,
        families.home_value as property_value,
        families.rent,
        families.retirement_accounts as retirement_account_assets,
        families.retirement_withdrawals,
        families.social_security_retirement_income,
        families.stock_assets + families.mutual_funds as stock_assets,
        families.total_income,
        families.transfer_other_income,
        families.vehicles_owned,
        families.vehicle_value as vehicles_value

    from families
    left outer join {{ ref('codes_scf_race') }} as races
        on
            families.race_code = races.code
            and families.survey_year >= coalesce(races.first_vintage, families.survey_year)
            and families.survey_year <= coalesce(races.last_vintage, families.survey_year)
    left outer join {{ ref('codes_scf_education') }} as educations
        on families.education_code = educations.code

)

select * from harmonized
