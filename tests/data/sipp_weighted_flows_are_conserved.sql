{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "Weighted totals of the raw person-months arrive in the harmonised persons, to 1e-9."}
) }}

with

raw_months as (

    select
        _dataset_id as dataset_id,
        ssuid || pnum as person_key,
        cast(monthcode as integer) as calendar_month,
        cast(wpfinwgt as double) as weight,
        coalesce(cast(tpearn as double), 0) as earnings,
        coalesce(cast(tsssamt as double), 0) + coalesce(cast(tsscamt as double), 0)
            as social_security,
        coalesce(cast(tptotinc as double), 0) as money_income,
        coalesce(cast(tinc_bank as double), 0) + coalesce(cast(tinc_bond as double), 0)
            as interest,
        coalesce(cast(tjb1_txamt as double), 0) as tips,
        coalesce(cast(tval_bank as double), 0) as bank_accounts

    from {{ source('sipp', 'person_month') }}

),

raw_years as (

    select
        dataset_id,
        person_key,
        count(*) as month_count,
        max(case when calendar_month = 12 then weight end) as weight,
        fsum(earnings order by calendar_month) as earnings,
        fsum(social_security order by calendar_month) as social_security,
        fsum(money_income order by calendar_month) as money_income,
        fsum(interest order by calendar_month) as interest,
        fsum(tips order by calendar_month) as tips,
        max(case when calendar_month = 12 then bank_accounts end) as bank_accounts

    from raw_months
    group by dataset_id, person_key

),

raw_totals as (

    select
        fsum(weight order by person_key) as persons,
        fsum(weight * earnings * 12 / month_count order by person_key) as earnings,
        fsum(weight * social_security * 12 / month_count order by person_key) as social_security,
        fsum(weight * money_income * 12 / month_count order by person_key) as money_income,
        fsum(weight * interest * 12 / month_count order by person_key) as interest,
        fsum(weight * tips * 12 / month_count order by person_key) as tips,
        fsum(weight * bank_accounts order by person_key) as bank_accounts

    from raw_years
    where weight is not null

),

person_totals as (

    select
        fsum(person_weight order by person_id) as persons,
        fsum(person_weight * (employment_income + self_employment_income) order by person_id)
            as earnings,
        fsum(person_weight * social_security order by person_id) as social_security,
        fsum(person_weight * total_money_income order by person_id) as money_income,
        fsum(
            person_weight * (taxable_interest_income + tax_exempt_interest_income)
            order by person_id
        ) as interest,
        fsum(person_weight * tip_income order by person_id) as tips,
        fsum(person_weight * bank_account_assets order by person_id) as bank_accounts

    from {{ ref('int_person__sipp') }}

),

raw_rows as (

    unpivot raw_totals on columns(*) into name item value total

),

person_rows as (

    unpivot person_totals on columns(*) into name item value total

)

select
    raw_rows.item,
    raw_rows.total as raw_total,
    person_rows.total as harmonized_total

from raw_rows
left outer join person_rows on raw_rows.item = person_rows.item
where
    person_rows.total is null
    or abs(person_rows.total - raw_rows.total) > 1e-9 * abs(raw_rows.total)
