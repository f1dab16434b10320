-- Grain: one row per tax unit of the base records.
-- Whether a unit pays for a home of its own. Where expenses of a home were imputed to more units
-- than there are such homes, each unit keeps its expense with the share that brings the count
-- down to the published share of households; those with a mortgage are among the owners.
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
        coalesce(draws.home_uniform < kept.mortgage_share, true) as has_mortgage_interest,
        coalesce(draws.home_uniform < kept.owner_share, true) as has_real_estate_taxes

    from tax_units
    inner join {{ ref('imp_home_draw') }} as draws on tax_units.tax_unit_id = draws.tax_unit_id
    cross join kept

)

select * from drawn
