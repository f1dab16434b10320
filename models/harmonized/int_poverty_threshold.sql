-- Grain: one row per calendar year, family size, related children and age of householder.
-- Official thresholds. The Census Bureau carries one matrix from year to year by the CPI-U; so do
-- we, from the nearest year whose matrix is at hand, and round to the dollar. Carried thresholds
-- are within a dollar of the published ones.
with

matrix as (

    select * from {{ ref('params_poverty_threshold') }}

),

matrix_years as (

    select distinct calendar_year from matrix

),

prices as (

    select
        period as calendar_year,
        value as cpi_u
    from {{ ref('stg_facts__benchmark') }}
    where publisher = 'BLS' and variable = 'cpi_u'

),

years as (

    select
        prices.calendar_year,
        matrix_years.calendar_year as matrix_year,
        prices.cpi_u / matrix_prices.cpi_u as growth

    from prices
    cross join matrix_years
    inner join prices as matrix_prices
        on matrix_years.calendar_year = matrix_prices.calendar_year

    qualify row_number() over (
        partition by prices.calendar_year
        order by
            abs(prices.calendar_year - matrix_years.calendar_year),
            matrix_years.calendar_year
    ) = 1

),

carried as (

    select
        years.calendar_year,
        matrix.family_size,
        matrix.related_children,
        matrix.is_householder_65_plus,
        round(matrix.threshold * years.growth) as threshold,
        years.calendar_year = years.matrix_year as is_published

    from years
    inner join matrix on years.matrix_year = matrix.calendar_year

)

select * from carried
