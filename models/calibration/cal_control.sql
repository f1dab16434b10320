-- Grain: one row per control.
-- How much a control may give way: its scale is a share of the total it is measured against.
with

contributions as (

    select
        control_name,
        max(total) as total

    from {{ ref('cal_control_matrix') }}
    group by control_name

),

scaled as (

    select
        cast(row_number() over (order by contributions.control_name) - 1 as integer)
            as control_index,
        contributions.control_name,
        params.tolerance_share * contributions.total as loss_scale,
        params.loss_weight

    from contributions
    inner join {{ ref('params_control') }} as params
        on contributions.control_name = params.control_name

)

select * from scaled
