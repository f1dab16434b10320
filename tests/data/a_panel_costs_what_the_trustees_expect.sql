-- Years until 2040 in which the panel's cost rate, the mean of its imputations, lies more than a
-- point of taxable payroll from the Trustees'. A reform's panel is meant to.
{{ config(severity='warn', tags=['panel'], meta={
    'description': 'The cost rate of present law is within a point of the Trustees until 2040.'
}) }}
with

estimates as (

    select * from {{ ref('val_panel_estimate') }}

),

reforms as (

    select * from {{ ref('val_panel_reform') }}

),

far as (

    select
        panel_year,
        mean_value,
        standard_error

    from estimates
    where
        figure = 'cost_rate_difference'
        and panel_year <= 2040
        and abs(mean_value) > 1
        and not exists (select 1 from reforms)

)

select * from far
