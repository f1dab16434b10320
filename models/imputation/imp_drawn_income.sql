-- Grain: one row per tax unit of the base records and copy.
-- What the household drew from the SCF, given to its tax units: interest and dividends as they
-- reported them, or all to the reference unit where nobody did; capital gains and income from
-- partnerships and S corporations to the reference unit. The latter, which no base reports, is what
-- the drawn business income exceeds the household's reported self-employment and farm income by;
-- a drawn loss counts where nothing was reported. Wages of a unit that told top wages are those of
-- its draw (`imp_top_wage`), of head and spouse alike.
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

shared as (

    select
        tax_units.tax_unit_id,
        tax_units.household_id,
        tax_units.reported_capital_income,
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
        end as drawn_partnership_income,
        coalesce(wages.employment_income / wages.told_employment_income, 1) as wage_factor,
        draws.donor_dataset_id

    from shared
    inner join {{ ref('imp_scf') }} as draws on shared.household_id = draws.household_id
    inner join {{ ref('imp_copy') }} as copies
        on draws.household_id = copies.household_id and draws.copy_id = copies.copy_id
    left outer join {{ ref('imp_top_wage') }} as wages
        on shared.tax_unit_id = wages.tax_unit_id and copies.draw_id = wages.draw_id

)

select * from drawn
