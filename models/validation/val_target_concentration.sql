-- Grain: one row per target on which households bear.
-- How much of a figure hangs on the one record that gives it most, under calibrated weights.
with

contributions as (

    select
        matrix.target_index,
        max(abs(matrix.value * weights.calibrated_weight)) as heaviest,
        arg_max(households.household_id, abs(matrix.value * weights.calibrated_weight))
            as heaviest_household_id,
        fsum(abs(matrix.value * weights.calibrated_weight) order by matrix.household_index)
            as everything

    from {{ ref('cal_matrix') }} as matrix
    inner join {{ ref('cal_household_index') }} as households
        on matrix.household_index = households.household_index
    inner join {{ ref('cal_weight') }} as weights
        on households.household_id = weights.household_id
    group by matrix.target_index

),

shares as (

    select
        targets.target_id,
        contributions.heaviest_household_id,
        contributions.heaviest / contributions.everything as heaviest_share

    from contributions
    inner join {{ ref('cal_target') }} as targets
        on contributions.target_index = targets.target_index
    where contributions.everything > 0

)

select * from shares
