-- Grain: one row per published figure of Social Security: item, year, month and measure.
-- The engine beside SSA, from 1979 on: automatic amounts by the law's formulas, and what workers
-- whose earnings are known get.
with

amounts as (

    select * from {{ ref('pnl_oasdi_amount') }}

),

examples as (

    select * from {{ ref('facts_ssa_example_benefit') }}

),

benefits as (

    select * from {{ ref('pnl_oasdi_benefit') }}

),

automatic as (

    select
        'automatic_amount' as subject,
        parameter as item,
        cast(year as integer) as year,  -- the public name -- noqa: RF04
        cast(null as integer) as month_of_year,
        'amount' as measure,
        cast(amount as double) as published_value,
        cast(computed_amount as double) as computed_value,
        cast(null as varchar) as note,
        'params_ssa' as source  -- the public name -- noqa: RF04

    from amounts
    where
        not is_projected
        and computed_amount is not null
        and year >= 1979

),

published as (

    select
        worker_id,
        benefit_year,
        benefit_month,
        note,
        source,
        vintage,
        measure,
        published_value

    from examples unpivot (
        published_value for measure in (
            average_indexed_earnings, primary_insurance_amount, benefit, benefit_to_the_dime
        )
    )

),

renamed as (

    select
        person_id,
        benefit_year,
        benefit_month,
        average_indexed_earnings,
        primary_insurance_amount,
        own_benefit as benefit,
        benefit_before_rounding as benefit_to_the_dime

    from benefits

),

computed as (

    select
        person_id,
        benefit_year,
        benefit_month,
        measure,
        computed_value

    from renamed unpivot (
        computed_value for measure in (
            average_indexed_earnings, primary_insurance_amount, benefit, benefit_to_the_dime
        )
    )

),

workers as (

    select
        'worker' as subject,
        published.worker_id as item,
        cast(published.benefit_year as integer) as year,  -- the public name -- noqa: RF04
        cast(published.benefit_month as integer) as month_of_year,
        published.measure,
        published.published_value,
        computed.computed_value,
        published.note,
        published.source || ' ' || published.vintage as source  -- the public name -- noqa: RF04

    from published
    left outer join computed
        on
            published.worker_id = computed.person_id
            and published.benefit_year = computed.benefit_year
            and published.benefit_month = computed.benefit_month
            and published.measure = computed.measure

),

combined as (

    select * from automatic
    union all
    select * from workers

),

compared as (

    select
        subject,
        item,
        year,
        month_of_year,
        measure,
        published_value,
        computed_value,
        round(computed_value - published_value, 2) as gap,
        note,
        source

    from combined

)

select * from compared
order by subject, item, year, month_of_year, measure
