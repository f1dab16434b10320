-- Grain: one row per household of the Extended file, in the order of the matrix's columns.
with

households as (

    select * from {{ ref('cal_unit_household') }}

),

numbered as (

    select
        cast(row_number() over (order by household_id) - 1 as integer) as household_index,
        household_id,
        state_fips,
        initial_weight

    from households

)

select * from numbered
