-- Grain: one row per stage of the weights and decile of households by money income.
-- What households of each decile have and pay.
with

deciles as (

    select
        ranks.*,
        households.household_size,
        households.household_money_income

    from {{ ref('val_household_decile') }} as ranks
    inner join {{ ref('household') }} as households
        on ranks.household_id = households.household_id

),

incomes as (

    select
        weight_stage,
        decile,
        count(*) as records,
        max(household_money_income) as highest_income,
        fsum(weight order by household_id) as households,
        fsum(weight * household_size order by household_id) as persons,
        fsum(weight * household_money_income order by household_id) as money_income

    from deciles
    group by weight_stage, decile

),

taxes as (

    select
        deciles.weight_stage,
        deciles.decile,
        fsum(deciles.weight * unit.adjusted_gross_income order by unit.tax_unit_id)
            as adjusted_gross_income,
        fsum(deciles.weight * unit.income_tax order by unit.tax_unit_id) as income_tax,
        fsum(deciles.weight * unit.payroll_tax order by unit.tax_unit_id) as payroll_tax,
        fsum(deciles.weight * unit.eitc order by unit.tax_unit_id) as eitc,
        fsum(deciles.weight * unit.snap order by unit.tax_unit_id) as snap

    from deciles
    inner join {{ ref('tax_unit') }} as unit on deciles.household_id = unit.household_id
    group by deciles.weight_stage, deciles.decile

),

shared as (

    select
        incomes.weight_stage,
        incomes.decile,
        incomes.records,
        incomes.households,
        incomes.persons,
        incomes.highest_income,
        incomes.money_income / incomes.households as mean_money_income,
        incomes.money_income / fsum(incomes.money_income) over stage as money_income_share,
        taxes.adjusted_gross_income / incomes.households as mean_adjusted_gross_income,
        taxes.income_tax / incomes.households as mean_income_tax,
        taxes.income_tax / fsum(taxes.income_tax) over stage as income_tax_share,
        taxes.income_tax / nullif(incomes.money_income, 0) as income_tax_rate,
        taxes.payroll_tax / nullif(incomes.money_income, 0) as payroll_tax_rate,
        taxes.eitc / incomes.households as mean_eitc,
        coalesce(taxes.snap, 0) / incomes.households as mean_snap

    from incomes
    inner join taxes
        on
            incomes.weight_stage = taxes.weight_stage
            and incomes.decile = taxes.decile
    window
        stage as (
            partition by incomes.weight_stage
            order by incomes.decile
            rows between unbounded preceding and unbounded following
        )

)

select * from shared
order by weight_stage, decile
