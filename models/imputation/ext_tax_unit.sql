-- Grain: one row per tax unit and copy of the Extended file.
-- Copy 1 takes the household's drawn interest and dividends instead of the reported ones: spread
-- over its tax units as they reported them, or all to the reference unit where nobody did; and
-- over kinds as tax returns do in the aggregate (people with a bank account report interest and
-- forget the dividends that make up most of large drawn amounts). Drawn capital gains belong to
-- the reference unit. Copy 0 takes drawn gains only where the survey has none to report.
-- Gifts and state taxes follow an income that was drawn, at the share of income that those who pay
-- them pay in the state on average; expenses of a home stay with units that keep one (`imp_home`).
-- Income from partnerships and S corporations, which no base reports, is what the drawn business
-- income exceeds the household's reported self-employment and farm income by; a drawn loss counts
-- where nothing was reported. It is money income too where the base asks for no rents either: a
-- survey that asks for rents and every business has it all in its money income.
-- Benefits and distributions of copy 1 are those that its incomes allow (`imp_dependent_income`).
with

tax_units as (

    select
        *,
        coalesce(taxable_interest_income, 0)
        + coalesce(tax_exempt_interest_income, 0)
        + coalesce(qualified_dividend_income, 0)
        + coalesce(non_qualified_dividend_income, 0) as reported_capital_income,
        employment_income + self_employment_income + farm_income + total_pension_income
            as reported_other_income

    from {{ base_records('tax_unit') }}

),

{%- set expenses = ['charitable_cash', 'charitable_non_cash', 'state_and_local_income_taxes'] %}

paid_shares as (

    select
        {% for expense in expenses -%}
            fsum(design_weight * {{ expense }} order by tax_unit_id)
            / fsum(
                design_weight * (reported_other_income + reported_capital_income)
                order by tax_unit_id
            ) filter (where {{ expense }} > 0) as {{ expense }}_share,
        {% endfor -%}
        state_fips

    from tax_units
    group by state_fips

),

draws as (

    select * from {{ ref('imp_scf') }}

),

recipients as (

    select * from {{ ref('imp_scf_recipient') }}

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

shared as (

    select
        tax_units.*,
        recipients.reference_tax_unit_id = tax_units.tax_unit_id as is_reference_unit,
        recipients.business_income as reported_business_income,
        case
            when fsum(tax_units.reported_capital_income) over household > 0
                then
                    tax_units.reported_capital_income
                    / fsum(tax_units.reported_capital_income) over household
            else cast(recipients.reference_tax_unit_id = tax_units.tax_unit_id as integer)
        end as household_share

    from tax_units
    inner join recipients on tax_units.household_id = recipients.household_id
    window
        household as (
            partition by tax_units.household_id
            order by tax_units.tax_unit_id
            rows between unbounded preceding and unbounded following
        )

),

{%- set dependents = [
    'housing_value', 'medicaid_value', 'snap', 'ssi', 'tanf', 'taxable_ira_distributions',
    'taxable_pension_income', 'total_pension_income', 'wic',
] %}

copied as (

    select
        shared.* replace (
            {%- for amount in dependents %}
                case
                    when copies.copy_id = 0 then shared.{{ amount }}
                    else dependent.{{ amount }}
                end as {{ amount }}
                {{- ',' if not loop.last }}
            {%- endfor %}
        ),
        case when copies.copy_id = 0 then 0 else dependent.money_income_change end
            as dependent_income_change,
        copies.copy_id,
        homes.has_mortgage_interest,
        homes.has_real_estate_taxes,
        draws.donor_dataset_id,
        copies.copy_id = 1 as has_replaced_income,
        shared.household_share * draws.interest_dividend_income as drawn_capital_income,
        cast(shared.is_reference_unit as integer) * draws.capital_gains as drawn_gains,
        cast(shared.is_reference_unit as integer)
        * case
            when draws.business_income < 0 and shared.reported_business_income = 0
                then draws.business_income
            else
                greatest(draws.business_income - greatest(shared.reported_business_income, 0), 0)
        end as drawn_partnership_income,
        shared.design_weight * copies.design_weight_share as copy_design_weight,
        shared.long_term_capital_gains is null as has_no_reported_gains,
        paid_shares.* exclude (state_fips),  -- the star's own -- noqa: RF02
        split.* exclude (calendar_year)  -- the star's own -- noqa: RF02

    from shared
    cross join {{ ref('params_copy') }} as copies
    inner join draws
        on
            shared.household_id = draws.household_id
            and copies.copy_id = draws.copy_id
    inner join {{ ref('imp_home') }} as homes on shared.tax_unit_id = homes.tax_unit_id
    inner join {{ ref('imp_dependent_income') }} as dependent
        on shared.tax_unit_id = dependent.tax_unit_id
    inner join paid_shares on shared.state_fips = paid_shares.state_fips
    inner join split on shared.income_year = split.calendar_year

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
            as income_change

    from copied

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
                case
                    when {{ expense }} > 0
                        then greatest({{ expense }} + {{ expense }}_share * income_change, 0)
                    else {{ expense }}
                end as {{ expense }},
            {%- endfor %}
            mortgage_interest * cast(has_mortgage_interest as integer) as mortgage_interest,
            real_estate_taxes * cast(has_real_estate_taxes as integer) as real_estate_taxes
        ),
        case when has_replaced_income then drawn_capital_income - reported_capital_income else 0 end
        + case
            when partnership_s_corp_income is null and rental_income is null
                then drawn_partnership_income
            else 0
        end
        + dependent_income_change as money_income_change,
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

    from compared

),

extended as (

    select
        * exclude (
            reported_capital_income, reported_other_income, income_change, dependent_income_change,
            charitable_cash_share, charitable_non_cash_share, state_and_local_income_taxes_share,
            is_reference_unit, household_share, donor_dataset_id,
            has_replaced_income, drawn_capital_income, drawn_gains, copy_design_weight,
            has_mortgage_interest, has_real_estate_taxes,
            has_no_reported_gains, reported_business_income, drawn_partnership_income,
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
