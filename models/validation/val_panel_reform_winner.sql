-- Grain: one row per imputation, sex and fifth of lifetime earnings of a reform's panel.
-- Who gains and who loses in the last year.
with

winners as (

    select * from {{ ref('pnl_reform_winner') }}

)

select * from winners
order by imputation, sex, earnings_fifth
