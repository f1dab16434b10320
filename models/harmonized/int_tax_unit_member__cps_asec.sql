-- Grain: one row per person of the CPS ASEC.
-- The tax unit of every person by the mode that this build uses, `var('tax_unit_mode')`. Both modes
-- stand side by side in `int_tax_unit_placement__cps_asec`.
{{ config(enabled=target.name != 'tax_units') }}
with

placements as (

    select * from {{ ref('int_tax_unit_placement__cps_asec') }}

),

chosen as (

    select * exclude (mode)
    from placements
    where mode = '{{ tax_unit_mode() }}'

)

select * from chosen
