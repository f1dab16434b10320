-- Grain: one row per household of the base records that told top wages, and draw.
-- What the household's draws of property income are conditioned on in place of its told wages.
with

changes as (

    select
        household_id,
        draw_id,
        fsum(employment_income - told_employment_income order by tax_unit_id) as wage_change

    from {{ ref('imp_top_wage') }}
    group by household_id, draw_id

),

known as (

    select
        changes.household_id,
        changes.draw_id,
        recipients.employment_income + changes.wage_change as employment_income

    from changes
    inner join {{ ref('imp_scf_recipient') }} as recipients
        on changes.household_id = recipients.household_id

)

select * from known
