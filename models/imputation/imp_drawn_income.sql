-- Grain: one row per tax unit of the base records and copy.
-- What the household drew from the SCF, given to its tax units: interest and dividends as they
-- reported them, or all to the reference unit where nobody did; capital gains and business income
-- to the reference unit. Of the latter it is what the draw exceeds the household's reported
-- self-employment and farm income by; a drawn loss counts where nothing was reported. How much of
-- it is from partnerships and S corporations, which no base of returns reports, is not known yet
-- (`imp_partnership`): income on the return is without it, and without Social Security. Wages of a
-- unit that told top wages are those of its draw (`imp_top_wage`), of head and spouse alike.
with

tax_units as (

    select
        *,
        coalesce(taxable_interest_income, 0)
        + coalesce(tax_exempt_interest_income, 0)
        + coalesce(qualified_dividend_income, 0)
        + coalesce(non_qualified_dividend_income, 0) as reported_capital_income

    from {{ base_records('tax_unit') }}

),

split as (

    pivot {{ ref('params_capital_income_share') }}
    on component in ('tax_exempt_interest')
    using max(share)
    group by calendar_year

),

shared as (

    select
        tax_units.tax_unit_id,
        tax_units.household_id,
        tax_units.reported_capital_income,
        coalesce(tax_units.tax_exempt_interest_income, 0) as reported_exempt_interest,
        tax_units.employment_income,
        tax_units.long_term_capital_gains + tax_units.short_term_capital_gains as reported_gains,
        tax_units.self_employment_income
        + tax_units.farm_income
        + tax_units.taxable_ira_distributions
        + tax_units.taxable_pension_income
        + tax_units.unemployment_compensation
        + coalesce(tax_units.alimony_income, 0) as other_income,
        split.tax_exempt_interest as exempt_share,
        cast(recipients.reference_tax_unit_id = tax_units.tax_unit_id as integer)
            as is_reference_unit,
        recipients.business_income as reported_business_income,
        case
            when fsum(tax_units.reported_capital_income) over household > 0
                then
                    tax_units.reported_capital_income
                    / fsum(tax_units.reported_capital_income) over household
            else cast(recipients.reference_tax_unit_id = tax_units.tax_unit_id as integer)
        end as household_share

    from tax_units
    inner join {{ ref('imp_scf_recipient') }} as recipients
        on tax_units.household_id = recipients.household_id
    inner join split on tax_units.income_year = split.calendar_year
    window
        household as (
            partition by tax_units.household_id
            order by tax_units.tax_unit_id
            rows between unbounded preceding and unbounded following
        )

),

drawn as (

    select
        shared.tax_unit_id,
        draws.copy_id,
        shared.reported_capital_income,
        shared.household_share * draws.interest_dividend_income as drawn_capital_income,
        shared.is_reference_unit * draws.capital_gains as drawn_gains,
        shared.is_reference_unit
        * case
            when draws.business_income < 0 and shared.reported_business_income = 0
                then draws.business_income
            else greatest(draws.business_income - greatest(shared.reported_business_income, 0), 0)
        end as drawn_business_income,
        coalesce(wages.employment_income / wages.told_employment_income, 1) as wage_factor,
        draws.donor_dataset_id,
        shared.employment_income,
        shared.exempt_share,
        shared.other_income,
        shared.reported_exempt_interest,
        shared.reported_gains

    from shared
    inner join {{ ref('imp_scf') }} as draws on shared.household_id = draws.household_id
    inner join {{ ref('imp_copy') }} as copies
        on draws.household_id = copies.household_id and draws.copy_id = copies.copy_id
    left outer join {{ ref('imp_top_wage') }} as wages
        on shared.tax_unit_id = wages.tax_unit_id and copies.draw_id = wages.draw_id

),

returned as (

    select
        * exclude (
            employment_income, exempt_share, other_income, reported_exempt_interest, reported_gains
        ),
        case when copy_id = 0 then reported_exempt_interest else drawn_capital_income * exempt_share
        end as exempt_interest,
        employment_income * wage_factor
        + case when copy_id = 0 then reported_capital_income else drawn_capital_income end
        - exempt_interest
        + greatest(
            case when copy_id = 0 then coalesce(reported_gains, drawn_gains) else drawn_gains end,
            -3000
        )
        + other_income as income_on_return

    from drawn

)

select * from returned
