-- Grain: one row per family and implicate of the SCF, in dollars of the build's income year.
-- The donors' side of the imputation: predictors named as on the recipients' side, amounts
-- restated by `params_donor_uprating`, concept by concept; what is owned and owed as net worth is.
-- The extract tells no interest on mortgages: it is what is owed at the rate that households pay.
-- There is more than `imp_scf` draws: what else is wanted is one entry of its YAML.
{%- set items = [
    'assets', 'auto_loan_balance', 'bank_account_assets', 'bond_assets', 'business_assets',
    'credit_card_balance', 'debt', 'education_loan_balance', 'financial_assets',
    'mortgage_balance', 'nonfinancial_assets', 'other_debt', 'other_financial_assets',
    'other_nonfinancial_assets', 'other_real_estate_assets', 'other_real_estate_debt',
    'retirement_account_assets', 'stock_assets',
] %}
with

families as (

    select * from {{ ref('int_economic_unit') }}

),

uprating as (

    pivot {{ ref('params_donor_uprating') }}
    on concept in (
        'business_income', 'capital_gains', 'employment_income', 'interest_dividend_income',
        'net_worth', 'retirement_income', 'transfer_income'
    )
    using max(factor)
    group by dataset_id

),

uprated as (

    select
        families.dataset_id,
        families.economic_unit_id as family_id,
        families.implicate,
        families.design_weight,

        families.age,
        families.is_married_or_partnered as is_couple,
        families.n_children,
        families.business_farm_income * uprating.business_income as business_income,
        families.employment_income * uprating.employment_income as employment_income,
        families.social_security_retirement_income * uprating.retirement_income
            as retirement_income,
        families.transfer_other_income * uprating.transfer_income as transfer_income,

        families.capital_gains * uprating.capital_gains as capital_gains,
        families.interest_dividend_income * uprating.interest_dividend_income
            as interest_dividend_income,
        families.net_worth * uprating.net_worth as net_worth,
        {%- for item in items %}
            families.{{ item }} * uprating.net_worth as {{ item }},
        {%- endfor %}
        families.property_value * uprating.net_worth as home_value,
        families.mortgage_balance * uprating.net_worth * rates.effective_rate as mortgage_interest,
        families.vehicles_value * uprating.net_worth as vehicle_assets,
        families.retirement_withdrawals * uprating.retirement_income as retirement_withdrawals

    from families
    inner join uprating on families.dataset_id = uprating.dataset_id
    inner join {{ ref('params_mortgage_rate') }} as rates
        on rates.calendar_year = {{ var('income_year') }}

)

select * from uprated
