-- Grain: one row per household of the base records and copy.
-- The contracted face of the draw.
with

draws as (

    select * from {{ ref('imp_acs_housing_draw') }}

),

typed as (

    {{ declared_columns('draws') }}

)

select * from typed
