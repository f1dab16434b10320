-- Grain: one row per person of the base records and copy.
-- The contracted face of the draw.
with

draws as (

    select * from {{ ref('imp_sipp_person_draw') }}

),

typed as (

    {{ declared_columns('draws') }}

)

select * from typed
