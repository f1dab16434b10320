-- Grain: one row per Social Security number and year with taxable earnings, 1951 to 2006.
-- Rename and cast. Earnings are cut at the year's base and blurred by the publisher; quarters of
-- 1951 and 1952 were not kept by year. A year without a row had no taxable earnings.
with

source as (

    select * from {{ source('epuf', 'person_year') }}

),

renamed as (

    select
        _dataset_id as dataset_id,
        cast(id as bigint) as person_id,
        cast(year_earn as integer) as income_year,
        cast(annual_earnings as double) as taxable_earnings,
        cast(nullif(annual_qtrs, '.') as integer) as quarters_of_coverage

    from source

)

select * from renamed
