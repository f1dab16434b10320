{{ config(
    meta={
        "description": (
            "Of the supported targets 8 to 12 % are in the permanent set; what `var('holdout')` "
            "adds is not empty."
        )
    }
) }}
{{- refuse_unknown_holdout() }}
{%- set holdout = var('holdout') if var('holdout') is mapping else {} %}
{%- set kind = holdout.keys() | first | default('none') %}

with

targets as (

    select * from {{ ref('cal_target') }}
    where target_role in ('fitted', 'held_out')

),

counted as (

    select
        count(*) as target_count,
        count(*) filter (where holdout_set = 'permanent') as permanent_count,
        count(*) filter (where holdout_set != 'permanent') as chosen_count

    from targets

)

select * from counted
where
    (
        '{{ kind }}' = 'none'
        and permanent_count not between 0.08 * target_count and 0.12 * target_count
    )
    or ('{{ kind }}' != 'none' and chosen_count = 0)
