-- Grain: one row per household of the base records and copy.
-- The contracted face of the draw from the SCF: incomes and net worth each the value of one donor
-- family from its own random stream; the balance sheet whole, of the family whose net worth it is.
-- Of the draws, those that are a copy (`imp_copy`).
with

draws as (

    select draws.* replace (copies.copy_id as copy_id)
    from {{ ref('imp_scf_draw') }} as draws
    inner join {{ ref('imp_copy') }} as copies
        on draws.household_id = copies.household_id and draws.copy_id = copies.draw_id

),

typed as (

    {{ declared_columns('draws') }}

)

select * from typed
