-- Grain: one row per tax unit of the base records that told top wages, and draw.
-- The contracted face of the draw. Draws are those of `imp_scf_draw`: `imp_copy` keeps some.
with

draws as (

    select
        draws.* rename (copy_id as draw_id),  -- the star's own -- noqa: RF02
        units.household_id,
        units.employment_income as told_employment_income

    from {{ ref('imp_top_wage_draw') }} as draws
    inner join {{ base_records('tax_unit') }} as units on draws.tax_unit_id = units.tax_unit_id

),

typed as (

    {{ declared_columns('draws') }}

)

select * from typed
