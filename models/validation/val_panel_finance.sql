-- Grain: one row per imputation and year of the aged panel.
-- Social Security's cost and income beside the Trustees', and why the cost rates differ.
with

finances as (

    select * from {{ ref('pnl_finance') }}

)

select * from finances
order by imputation, panel_year
