-- Grain: one row per imputation and year of a reform's panel.
-- What the reform changes year by year; no rows where the panel is of present law.
with

effects as (

    select * from {{ ref('pnl_reform_effect') }}

)

select * from effects
order by imputation, panel_year
