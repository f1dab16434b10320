{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "The members of an SPM unit repeat one value of each item, in one household."}
) }}

with

persons as (

    select
        dataset_id,
        household_id,
        columns(item -> item like 'spm_%' or item = 'is_spm_poor')

    from {{ ref('stg_cps_asec__person') }}

),

distinct_rows as (

    select distinct * from persons

)

select
    dataset_id,
    spm_unit_id,
    count(*) as versions

from distinct_rows
group by dataset_id, spm_unit_id
having count(*) > 1
