-- Grain: one row per stage of the weights and group of people by income.
-- What federal taxes take of income. People are ranked by the income of their household, divided
-- by the square root of its size; each fifth has as many people. Income is money income and
-- realised capital gains, as households have it before taxes; the employer's half of payroll
-- taxes is in the tax and not in the income. A household is where the middle of its people lies.
-- Groups overlap: the highest fifth holds the percentiles above it, `all` everybody.
with

gains as (

    select
        household_id,
        fsum(
            coalesce(long_term_capital_gains, 0) + coalesce(short_term_capital_gains, 0)
            order by tax_unit_id
        ) as capital_gains,
        fsum(income_tax order by tax_unit_id) as income_tax,
        fsum(payroll_tax order by tax_unit_id) as payroll_tax

    from {{ ref('tax_unit') }}
    group by household_id

),

households as (

    select
        household.household_id,
        household.household_size,
        household.household_money_income + gains.capital_gains as income,
        gains.income_tax,
        gains.payroll_tax,
        unnest(['initial_weight', 'calibrated_weight']) as weight_stage,
        unnest([household.initial_weight, household.calibrated_weight]) as weight

    from {{ ref('household') }} as household
    inner join gains on household.household_id = gains.household_id
    where household.household_money_income is not null

),

ranked as (

    select
        *,
        fsum(weight * household_size) over below - weight * household_size / 2 as middle,
        fsum(weight * household_size) over (partition by weight_stage) as population

    from households
    where weight > 0
    window
        below as (
            partition by weight_stage
            order by income / sqrt(household_size), household_id
            rows unbounded preceding
        )

),

summed as (

    select
        ranked.weight_stage,
        income_groups.income_group,
        income_groups.label,
        income_groups.position,  -- the public name -- noqa: RF04
        count(*) as record_count,
        fsum(ranked.weight order by ranked.household_id) as households,
        fsum(ranked.weight * ranked.household_size order by ranked.household_id) as persons,
        fsum(ranked.weight * ranked.income order by ranked.household_id) as income,
        fsum(ranked.weight * ranked.income_tax order by ranked.household_id) as income_tax,
        fsum(ranked.weight * ranked.payroll_tax order by ranked.household_id) as payroll_tax

    from ranked
    inner join {{ ref('codes_income_group') }} as income_groups
        on
            ranked.middle / ranked.population >= income_groups.lower_share
            and (
                ranked.middle / ranked.population < income_groups.upper_share
                or income_groups.upper_share is null
            )
    group by all

),

shared as (

    select
        summed.weight_stage,
        summed.income_group,
        summed.label,
        summed.position,  -- the public name -- noqa: RF04
        summed.record_count,
        summed.households,
        summed.persons,
        summed.income / summed.households as mean_income,
        summed.income / everybody.income as income_share,
        summed.income_tax / summed.households as mean_income_tax,
        summed.income_tax / everybody.income_tax as income_tax_share,
        summed.income_tax / nullif(summed.income, 0) as income_tax_rate,
        summed.payroll_tax / summed.households as mean_payroll_tax,
        summed.payroll_tax / everybody.payroll_tax as payroll_tax_share,
        summed.payroll_tax / nullif(summed.income, 0) as payroll_tax_rate

    from summed
    inner join summed as everybody
        on
            summed.weight_stage = everybody.weight_stage
            and everybody.income_group = 'all'

)

select * from shared
order by weight_stage, position
