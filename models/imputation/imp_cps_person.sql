-- Grain: one row per person of copy 1+.
-- The contracted face of the draw.
with

draws as (

    select * from {{ ref('imp_cps_person_draw') }}

),

typed as (

    {{ declared_columns('draws') }}

)

select * from typed
