-- Grain: one row per family and implicate of the SCF summary extract; five rows are one family.
-- Rename and cast. `WGT` is already divided by five, so the weights of all rows sum to the number
-- of families. Amounts are in survey-year dollars; incomes are those of the year before.
-- Nuance: a family is the primary economic unit, not the household; its reference person is the
-- man of a mixed-sex couple, or the older of two of one sex.
with

source as (

    select * from {{ source('scf', 'family') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        cast(yy1 as bigint) as family_id,
        cast(y1 as bigint) - 10 * cast(yy1 as bigint) as implicate,
        _survey_year as survey_year,
        _income_year as income_year,
        cast(wgt as double) as design_weight,

        cast(age as integer) as age,
        cast(hhsex as integer) = 2 as is_female,
        {{ yes_no('married') }} as is_married_or_partnered,
        cast(kids as integer) as n_children,
        cast(race_class as integer) as race_code,
        cast(edcl as integer) as education_code,
        cast(houses as double) > 0 as is_homeowner,

        cast(asset as double) as asset_value,
        cast(bond as double) as bond_assets,
        cast(bus as double) as business_assets,
        cast(bussefarminc as double) as business_farm_income,
        cast(kginc as double) as capital_gains,
        cast(cashli as double) as cash_value_life_insurance,
        cast(cds as double) as certificates_of_deposit,
        cast(ccbal as double) as credit_card_balance,
        cast(debt as double) as debt,
        cast(edn_inst as double) as education_loan_balance,
        cast(wageinc as double) as employment_income,
        cast(fin as double) as financial_assets,
        cast(houses as double) as home_value,
        cast(intdivinc as double) as interest_dividend_income,
        cast(liq as double) as liquid_assets,
        cast(mrthel as double) as mortgage_balance,
        cast(nmmf as double) as mutual_funds,
        cast(networth as double) as net_worth,
        cast(nfin as double) as nonfinancial_assets,
        cast(nnresre as double) as nonresidential_real_estate,
        cast(norminc as double) as normal_income,
        cast(odebt as double) as other_debt,
        cast(othfin as double) as other_financial_assets,
        cast(oth_inst as double) as other_installment_balance,
        cast(othloc as double) as other_line_of_credit_balance,
        cast(othma as double) as other_managed_assets,
        cast(othnfin as double) as other_nonfinancial_assets,
        cast(resdbt as double) as other_residential_debt,
        cast(oresre as double) as other_residential_real_estate,
        cast(retqliq as double) as retirement_accounts,
        cast(penacctwd as double) as retirement_withdrawals,
        cast(savbnd as double) as savings_bonds,
        cast(ssretinc as double) as social_security_retirement_income,
        cast(stocks as double) as stock_assets,
        cast(income as double) as total_income,
        cast(transfothinc as double) as transfer_other_income,
        cast(veh_inst as double) as vehicle_loan_balance,
        cast(vehic as double) as vehicle_value,
        cast(nown as integer) as vehicles_owned,
        12 * cast(rent as double) as rent

    from source

)

select * from decoded
