{{ config(
    enabled=target.name != 'tax_units',
    meta={
        "description": "Property income is part of the month's total income. If it were the year's, repeated in every month, it would not fit into it, and its sum over months were twelve times too much."
    }
) }}

with

months as (

    select
        dataset_id,
        interest + dividends as property_income,
        total_income - coalesce(earnings, 0) as unearned_income

    from {{ ref('stg_sipp__person_month') }}
    where interest + dividends > 0 and rents >= 0

),

judged as (

    select
        dataset_id,
        count(*) as month_count,
        count(*) filter (where property_income > unearned_income + 1) as unfit_count

    from months
    group by dataset_id

)

select * from judged
where unfit_count > 0.05 * month_count
