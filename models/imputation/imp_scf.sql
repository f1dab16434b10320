-- Grain: one row per household of the base records and copy.
-- The contracted face of the draw from the SCF: incomes and net worth each the value of one donor
-- family from its own random stream; the balance sheet whole, of the family whose net worth it is.
with

draws as (

    select * from {{ ref('imp_scf_draw') }}

),

typed as (

    {{ declared_columns('draws') }}

)

select * from typed
