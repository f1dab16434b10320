{#- Census money income of a tax unit, before tax: what Tax-Calculator's CPS file has of it.
    Capital gains and benefits in kind are outside the concept. -#}
{% macro money_income(unit) -%}
    {{ unit }}.alimony_income
    + {{ unit }}.employment_income
    + {{ unit }}.farm_income
    + {{ unit }}.non_qualified_dividend_income
    + {{ unit }}.qualified_dividend_income
    + {{ unit }}.self_employment_income
    + {{ unit }}.social_security
    + {{ unit }}.ssi
    + {{ unit }}.tanf
    + {{ unit }}.tax_exempt_interest_income
    + {{ unit }}.taxable_interest_income
    + {{ unit }}.taxable_ira_distributions
    + {{ unit }}.total_pension_income
    + {{ unit }}.unemployment_compensation
    + {{ unit }}.veterans_benefits
{%- endmacro %}
