-- Grain: one row per person of the base records not met a year earlier and copy.
-- The contracted face of the draw.
with

draws as (

    select * from {{ ref('imp_cps_last_year_draw') }}

),

typed as (

    {{ declared_columns('draws') }}

)

select * from typed
