-- Grain: one row per tax unit and copy of the Extended file.
-- Copy 1+ takes the drawn interest and dividends (`imp_drawn_income`) instead of the reported ones,
-- over kinds as tax returns have them in the aggregate: people with a bank account report interest
-- and forget the dividends that make up most of large drawn amounts. Copy 0 takes drawn gains only
-- where the survey has none to report.
-- Gifts and state taxes follow an income that was drawn, at the share of income that those who pay
-- them pay in the state on average; expenses of a home stay with units that keep one (`imp_home`).
-- Whoever pays more sales than income taxes may deduct those (IRC 164(b)(5)): what returns of the
-- state and income that do deduct.
-- Drawn business income is money income where the base asks for no rents either, whatever a return
-- shows of it: a survey that asks for rents and every business has it all in its money income.
-- Self-employment that copy 1+ adds is part of it, and is taken off.
-- Wages that a survey does not tell as they are (`imp_top_wage`) are drawn for copy 1+.
-- What copy 1+ knows of other incomes and of benefits stands in `imp_dependent_income`. What nobody
-- told and the base's producer imputed, distributions from IRAs, is corrected in all copies.
with

tax_units as (

    select
        *,
        employment_income + self_employment_income + farm_income + total_pension_income
        + coalesce(taxable_interest_income, 0)
        + coalesce(tax_exempt_interest_income, 0)
        + coalesce(qualified_dividend_income, 0)
        + coalesce(non_qualified_dividend_income, 0) as reported_income

    from {{ base_records('tax_unit') }}

),

{%- set expenses = ['charitable_cash', 'charitable_non_cash', 'state_and_local_income_taxes'] %}

paid_shares as (

    select
        {% for expense in expenses -%}
            fsum(design_weight * {{ expense }} order by tax_unit_id)
            / fsum(design_weight * reported_income order by tax_unit_id)
            filter (where {{ expense }} > 0) as {{ expense }}_share,
        {% endfor -%}
        state_fips

    from tax_units
    group by state_fips

),

split as (

    pivot {{ ref('params_capital_income_share') }}
    on component in (
        'taxable_interest', 'tax_exempt_interest', 'qualified_dividend',
        'non_qualified_dividend', 'long_term_gain', 'short_term_gain'
    )
    using max(share)
    group by calendar_year

),

sales_taxes as (

    select
        state_fips,
        adjusted_gross_income_lower,
        amount / return_count as mean_amount

    from {{ ref('params_sales_tax') }}
    where calendar_year = {{ var('income_year') }}

),

{%- set told_anew = [
    'self_employment_income', 'taxable_ira_distributions', 'taxable_pension_income',
    'total_pension_income',
] %}
{%- set wages = ['employment_income', 'employment_income_head', 'employment_income_spouse'] %}
{%- set imputed_before = 'taxable_ira_distributions' %}
{%- set dependents = told_anew + [
    'housing_value', 'medicaid_value', 'self_employment_income_head', 'snap', 'ssi', 'tanf', 'wic',
] %}

copied as (

    select
        tax_units.* replace (
            {%- for amount in dependents %}
                case
                    when copies.copy_id >= 1 then dependent.{{ amount }}
                    when {{ amount == imputed_before }}
                        then coalesce(known.{{ imputed_before }}, tax_units.{{ amount }})
                    else tax_units.{{ amount }}
                end as {{ amount }},
            {%- endfor %}
            {%- for amount in wages %}
                tax_units.{{ amount }} * draws.wage_factor as {{ amount }}
                {{- ',' if not loop.last }}
            {%- endfor %}
        ),
        tax_units.employment_income * (draws.wage_factor - 1) as wage_change,
        case
            when draws.wage_factor != 1 then {{ drawn_origin('draws') }}
            else 'reported'
        end as employment_income_origin,
        case
            when copies.copy_id >= 1 then dependent.money_income_change
            else coalesce(known.{{ imputed_before }} - tax_units.{{ imputed_before }}, 0)
        end as dependent_income_change,
        copies.copy_id,
        {%- for amount in told_anew %}
            case
                when copies.copy_id >= 1 then dependent.{{ amount }}_origin
                when {{ amount == imputed_before }} and known.{{ imputed_before }} is not null
                    then {{ drawn_origin('known') }}
                else 'reported'
            end as {{ amount }}_origin,
        {%- endfor %}
        homes.has_mortgage_interest,
        homes.has_real_estate_taxes,
        homes.real_estate_taxes_factor,
        draws.donor_dataset_id,
        copies.copy_id >= 1 as has_replaced_income,
        draws.reported_capital_income,
        draws.drawn_capital_income,
        draws.drawn_gains,
        coalesce(partnerships.partnership_income, 0) as drawn_partnership_income,
        draws.drawn_business_income
        - case
            when copies.copy_id = 0 then 0
            else
                least(
                    greatest(draws.drawn_business_income, 0),
                    dependent.self_employment_income - tax_units.self_employment_income
                )
        end as business_money_income,
        tax_units.design_weight * copies.design_weight_share as copy_design_weight,
        tax_units.long_term_capital_gains is null as has_no_reported_gains,
        paid_shares.* exclude (state_fips),  -- the star's own -- noqa: RF02
        split.* exclude (calendar_year)  -- the star's own -- noqa: RF02

    from tax_units
    inner join {{ ref('imp_copy') }} as copies on tax_units.household_id = copies.household_id
    inner join {{ ref('imp_drawn_income') }} as draws
        on
            tax_units.tax_unit_id = draws.tax_unit_id
            and copies.copy_id = draws.copy_id
    left outer join {{ ref('imp_partnership') }} as partnerships
        on
            tax_units.tax_unit_id = partnerships.tax_unit_id
            and copies.copy_id = partnerships.copy_id
    inner join {{ ref('imp_home') }} as homes on tax_units.tax_unit_id = homes.tax_unit_id
    left outer join {{ ref('imp_dependent_income') }} as dependent
        on
            tax_units.tax_unit_id = dependent.tax_unit_id
            and copies.copy_id = dependent.copy_id
    left outer join {{ ref('imp_income') }} as known
        on tax_units.tax_unit_id = known.tax_unit_id and known.copy_id = 0
    inner join paid_shares on tax_units.state_fips = paid_shares.state_fips
    inner join split on tax_units.income_year = split.calendar_year

),

{%- set kinds = {
    'taxable_interest_income': 'taxable_interest',
    'tax_exempt_interest_income': 'tax_exempt_interest',
    'qualified_dividend_income': 'qualified_dividend',
    'non_qualified_dividend_income': 'non_qualified_dividend',
} %}

compared as (

    select
        *,
        case when has_replaced_income then drawn_capital_income - reported_capital_income else 0 end
        + case
            when has_replaced_income or has_no_reported_gains
                then
                    drawn_gains
                    - coalesce(long_term_capital_gains, 0)
                    - coalesce(short_term_capital_gains, 0)
            else 0
        end
        + case when partnership_s_corp_income is null then drawn_partnership_income else 0 end
        + wage_change as income_change

    from copied

),

taxed as (

    select
        compared.*,
        coalesce(sales_taxes.mean_amount, 0) as sales_taxes

    from compared
    asof left join sales_taxes
        on
            compared.state_fips = sales_taxes.state_fips
            and compared.reported_income + compared.income_change
            >= sales_taxes.adjusted_gross_income_lower

),

replaced as (

    select
        * replace (
            tax_unit_id + copy_id * {{ copy_id_offset() }} as tax_unit_id,
            household_id + copy_id * {{ copy_id_offset() }} as household_id,
            head_person_id + copy_id * {{ copy_id_offset() }} as head_person_id,
            spouse_person_id + copy_id * {{ copy_id_offset() }} as spouse_person_id,
            copy_design_weight as design_weight,
            {%- for income, component in kinds.items() %}
                case
                    when not has_replaced_income then {{ income }}
                    else drawn_capital_income * {{ component }}
                end as {{ income }},
            {%- endfor %}
            case
                when has_replaced_income or has_no_reported_gains
                    then drawn_gains * long_term_gain
                else long_term_capital_gains
            end as long_term_capital_gains,
            case
                when has_replaced_income or has_no_reported_gains
                    then drawn_gains * short_term_gain
                else short_term_capital_gains
            end as short_term_capital_gains,
            coalesce(partnership_s_corp_income, drawn_partnership_income)
                as partnership_s_corp_income,
            {%- for expense in expenses %}
                greatest(
                    case
                        when {{ expense }} > 0
                            then greatest({{ expense }} + {{ expense }}_share * income_change, 0)
                        else {{ expense }}
                    end,
                    {{ 'sales_taxes' if expense.startswith('state') else 0 }}
                ) as {{ expense }},
            {%- endfor %}
            mortgage_interest * cast(has_mortgage_interest as integer) as mortgage_interest,
            real_estate_taxes * cast(has_real_estate_taxes as integer) * real_estate_taxes_factor
                as real_estate_taxes
        ),
        case when has_replaced_income then drawn_capital_income - reported_capital_income else 0 end
        + case
            when partnership_s_corp_income is null and rental_income is null
                then business_money_income
            else 0
        end
        + dependent_income_change
        + wage_change as money_income_change,
        case when has_replaced_income then 'imputed_' || donor_dataset_id else 'reported' end
            as capital_income_origin,
        case
            when partnership_s_corp_income is null then 'imputed_' || donor_dataset_id
            else 'reported'
        end as partnership_s_corp_income_origin,
        case
            when has_replaced_income or has_no_reported_gains then 'imputed_' || donor_dataset_id
            else '{{ 'imputed_taxdata' if target.name == 'tax_units' else 'reported' }}'
        end as capital_gains_origin

    from taxed

),

extended as (

    select
        * exclude (
            reported_capital_income, reported_income, income_change, dependent_income_change,
            sales_taxes, wage_change,
            charitable_cash_share, charitable_non_cash_share, state_and_local_income_taxes_share,
            donor_dataset_id, has_replaced_income,
            drawn_capital_income, drawn_gains, copy_design_weight,
            has_mortgage_interest, has_real_estate_taxes, real_estate_taxes_factor,
            has_no_reported_gains, drawn_partnership_income, business_money_income,
            partnership_s_corp_income_origin,
            taxable_interest, tax_exempt_interest, qualified_dividend, non_qualified_dividend,
            long_term_gain, short_term_gain, capital_income_origin, capital_gains_origin
        ),
        capital_gains_origin as long_term_capital_gains_origin,
        capital_income_origin as non_qualified_dividend_income_origin,
        partnership_s_corp_income_origin,
        capital_income_origin as qualified_dividend_income_origin,
        capital_gains_origin as short_term_capital_gains_origin,
        capital_income_origin as tax_exempt_interest_income_origin,
        capital_income_origin as taxable_interest_income_origin

    from replaced

)

select * from extended
