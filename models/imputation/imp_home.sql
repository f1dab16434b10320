-- Grain: one row per tax unit of the base records.
-- Whether a unit pays for a home of its own. Where expenses of a home were imputed to more units
-- than there are such homes, each unit keeps its expense with the share that brings the count
-- down to the published share of households; those with a mortgage are among the owners. Taxes on
-- real estate, imputed without regard to the state, are brought to what homes pay on average, and
-- to the differences between states that returns show.
with

tax_units as (

    select * from {{ base_records('tax_unit') }}

),

households as (

    select * from {{ base_records('household') }}

),

published as (

    pivot {{ ref('params_home_share') }}
    on expense in ('mortgage_interest', 'real_estate_taxes')
    using max(household_share)
    group by calendar_year

),

represented as (

    select fsum(design_weight order by household_id) as household_count
    from households

),

imputed as (

    select
        fsum(design_weight order by tax_unit_id) filter (where mortgage_interest > 0)
            as mortgage_count,
        fsum(design_weight order by tax_unit_id) filter (where real_estate_taxes > 0)
            as owner_count

    from tax_units

),

kept as (

    select
        published.mortgage_interest * represented.household_count / imputed.mortgage_count
            as mortgage_share,
        published.real_estate_taxes * represented.household_count / imputed.owner_count
            as owner_share

    from published
    cross join represented
    cross join imputed
    where published.calendar_year = {{ var('income_year') }}

),

drawn as (

    select
        tax_units.dataset_id,
        tax_units.tax_unit_id,
        tax_units.state_fips,
        tax_units.design_weight,
        tax_units.real_estate_taxes,
        coalesce(draws.home_uniform < kept.mortgage_share, true) as has_mortgage_interest,
        coalesce(draws.home_uniform < kept.owner_share, true) as has_real_estate_taxes

    from tax_units
    inner join {{ ref('imp_home_draw') }} as draws on tax_units.tax_unit_id = draws.tax_unit_id
    cross join kept

),

states as (

    select
        drawn.state_fips,
        fsum(drawn.design_weight order by drawn.tax_unit_id) as owners,
        fsum(drawn.design_weight * drawn.real_estate_taxes order by drawn.tax_unit_id)
        / fsum(drawn.design_weight order by drawn.tax_unit_id) as mean_amount,
        any_value(told.amount / told.return_count) as deducted

    from drawn
    inner join {{ ref('params_real_estate_tax') }} as told
        on
            drawn.state_fips = told.state_fips
            and told.calendar_year = {{ var('income_year') }} - 1
    where drawn.has_real_estate_taxes and drawn.real_estate_taxes > 0
    group by drawn.state_fips

),

factors as (

    select
        states.state_fips,
        paid.mean_amount
        * states.deducted * fsum(states.owners) over nation
        / fsum(states.owners * states.deducted) over nation
        / states.mean_amount as real_estate_taxes_factor

    from states
    inner join {{ ref('params_home_share') }} as paid
        on
            paid.expense = 'real_estate_taxes'
            and paid.calendar_year = {{ var('income_year') }}
    window
        nation as (
            order by states.state_fips
            rows between unbounded preceding and unbounded following
        )

),

homes as (

    select
        drawn.dataset_id,
        drawn.tax_unit_id,
        drawn.has_mortgage_interest,
        drawn.has_real_estate_taxes,
        coalesce(factors.real_estate_taxes_factor, 1) as real_estate_taxes_factor

    from drawn
    left outer join factors on drawn.state_fips = factors.state_fips

)

select * from homes
