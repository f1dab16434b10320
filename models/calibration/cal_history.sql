-- Grain: one row per recorded epoch (of gradient descent) or step (of Newton's method).
with

solution as (

    select * from {{ ref('cal_solution') }}

),

history as (

    select
        position as epoch,
        max(number) filter (where name = 'loss') as loss,
        max(number) filter (where name = 'held_out_loss') as held_out_loss,
        max(number) filter (where name = 'within_1') as within_1_share,
        max(number) filter (where name = 'within_5') as within_5_share,
        max(number) filter (where name = 'within_10') as within_10_share,
        max(number) filter (where name = 'effective_sample_share') as effective_sample_share

    from solution
    where part = 'history'
    group by position

)

select * from history
