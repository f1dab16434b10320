-- Grain: one row per person of the CPS ASEC.
-- Distributions from retirement accounts by kind of account: regular and SEP IRAs, Roth IRAs, and
-- employer plans (401(k), 403(b), Keogh and others). The survey asks for two accounts, in other
-- fields from age 58 than before.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

accounts as (

    select * from {{ ref('codes_cps_retirement_account') }}

),

received as (

    select
        dataset_id,
        person_id,
        distribution1_account_code as account_code,
        distribution1 as amount
    from persons
    union all
    select
        dataset_id,
        person_id,
        distribution2_account_code as account_code,
        distribution2 as amount
    from persons
    union all
    select
        dataset_id,
        person_id,
        young_distribution1_account_code as account_code,
        young_distribution1 as amount
    from persons
    union all
    select
        dataset_id,
        person_id,
        young_distribution2_account_code as account_code,
        young_distribution2 as amount
    from persons

),

summed as (

    select
        received.dataset_id,
        received.person_id,
        coalesce(
            fsum(received.amount order by received.amount)
            filter (where accounts.distribution_type = 'ira'),
            0
        ) as ira,
        coalesce(
            fsum(received.amount order by received.amount)
            filter (where accounts.distribution_type = 'roth_ira'),
            0
        ) as roth_ira,
        coalesce(
            fsum(received.amount order by received.amount)
            filter (where accounts.distribution_type = 'employer_plan'),
            0
        ) as employer_plan

    from received
    left outer join accounts on received.account_code = accounts.code
    group by received.dataset_id, received.person_id

)

select * from summed
