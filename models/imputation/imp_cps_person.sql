-- Grain: one row per person and copy but copy 0.
-- The contracted face of the draw.
with

draws as (

    select * from {{ ref('imp_cps_person_draw') }}

),

typed as (

    {{ declared_columns('draws') }}

)

select * from typed
