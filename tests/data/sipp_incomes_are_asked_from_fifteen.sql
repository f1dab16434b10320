{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "Incomes are told of persons of 15 and over, and of nobody younger."}
) }}

select
    months.dataset_id,
    months.person_id,
    months.reference_month,
    months.age,
    months.total_income

from {{ ref('stg_sipp__person_month') }} as months
cross join {{ ref('params_sipp_rule') }} as rules
where (months.age >= rules.income_universe_age) <> (months.total_income is not null)
