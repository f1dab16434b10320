-- Grain: one row per Social Security number of the EPUF.
-- Rename, cast, decode. Earnings of 1937 to 1950 are one sum, cut at each year's base.
with

source as (

    select * from {{ source('epuf', 'person') }}

),

renamed as (

    select
        _dataset_id as dataset_id,
        cast(id as bigint) as person_id,
        cast(yob as integer) as birth_year,
        case cast(sex as integer) when 1 then false when 2 then true end as is_female,
        cast(tot_cov_earn3750 as double) as taxable_earnings_1937_1950,
        cast(qc3750 as integer) as quarters_1937_1950,
        cast(qc5152 as integer) as quarters_1951_1952

    from source

)

select * from renamed
