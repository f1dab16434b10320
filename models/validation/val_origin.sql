-- Grain: one row per table, imputable amount, origin and stage of the weights.
-- How much of each amount that may be imputed comes from where: records, the units they stand for,
-- and dollars. The answer to "is this number measured?".
{% set amounts = {
    'household': [
        'auto_loan_balance', 'bank_account_assets', 'bond_assets', 'business_assets',
        'credit_card_balance', 'education_loan_balance', 'energy_assistance_reported',
        'home_value', 'mortgage_balance', 'mortgage_interest', 'net_worth', 'other_debt',
        'other_financial_assets', 'other_nonfinancial_assets', 'other_real_estate_assets',
        'other_real_estate_debt', 'real_estate_taxes', 'rent', 'retirement_account_assets',
        'snap_reported', 'stock_assets', 'vehicle_assets', 'vehicles_value',
    ],
    'person': [
        'bank_account_assets', 'bond_assets', 'employment_income', 'employment_income_last_year',
        'retirement_contributions', 'self_employment_income', 'self_employment_income_last_year',
        'ssi_reported', 'stock_assets', 'tanf_reported', 'tax_exempt_ira_distributions',
        'taxable_401k_distributions', 'taxable_ira_distributions', 'tip_income',
    ],
    'tax_unit': [
        'employment_income', 'long_term_capital_gains', 'non_qualified_dividend_income',
        'partnership_s_corp_income', 'qualified_dividend_income', 'self_employment_income',
        'short_term_capital_gains', 'tax_exempt_interest_income', 'taxable_interest_income',
        'taxable_ira_distributions', 'taxable_pension_income', 'total_pension_income',
    ],
} %}
with

totals as (
    {% for table, columns in amounts.items() %}
        {% set is_last_table = loop.last %}
        {% for column in columns %}
            select
                '{{ table }}' as table_name,
                '{{ column }}' as variable,  -- the public name -- noqa: RF04
                coalesce({{ column }}_origin, 'unmarked') as amount_origin,
                count(*) as records_with,
                fsum(initial_weight order by {{ table }}_id) as initial_units,
                fsum(calibrated_weight order by {{ table }}_id) as calibrated_units,
                fsum(initial_weight * {{ column }} order by {{ table }}_id) as initial_amount,
                fsum(calibrated_weight * {{ column }} order by {{ table }}_id) as calibrated_amount
            from {{ ref(table) }}
            where {{ column }} != 0
            group by amount_origin
            {{ 'union all' if not (loop.last and is_last_table) }}
        {% endfor %}
    {% endfor %}
),

staged as (

    select
        table_name,
        variable,
        amount_origin as origin,  -- the public name -- noqa: RF04
        unnest(['initial_weight', 'calibrated_weight']) as weight_stage,
        records_with,
        unnest([initial_units, calibrated_units]) as units_with,
        unnest([initial_amount, calibrated_amount]) as amount

    from totals

)

select * from staged
order by table_name, variable, origin, weight_stage
