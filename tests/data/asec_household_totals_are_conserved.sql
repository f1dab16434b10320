{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "Each vintage's households, families, SPM units and their sums all arrive."}
) }}

-- Counts and unweighted sums of whole dollars, so that they agree exactly or not at all.
with

raw_rows as (

    select
        _dataset_id as dataset_id,
        'households' as item,
        count(*) as total
    from {{ source('cps_asec', 'household') }}
    where h_hhtype = '1'
    group by _dataset_id
    union all
    select
        _dataset_id as dataset_id,
        'household weights' as item,
        sum(cast(hsup_wgt as bigint)) as total
    from {{ source('cps_asec', 'household') }}
    group by _dataset_id
    union all
    select
        _dataset_id as dataset_id,
        'families' as item,
        count(*) as total
    from {{ source('cps_asec', 'family') }}
    group by _dataset_id
    union all
    select
        _dataset_id as dataset_id,
        'SPM units' as item,
        count(distinct spm_id) as total
    from {{ source('cps_asec', 'person') }}
    group by _dataset_id

),

harmonized_rows as (

    select
        dataset_id,
        'households' as item,
        count(*) as total
    from {{ ref('int_household__cps_asec') }}
    group by dataset_id
    union all
    select
        dataset_id,
        'household weights' as item,
        sum(cast(round(design_weight * 100) as bigint)) as total
    from {{ ref('int_household__cps_asec') }}
    group by dataset_id
    union all
    select
        dataset_id,
        'families' as item,
        count(*) as total
    from {{ ref('int_family__cps_asec') }}
    group by dataset_id
    union all
    select
        dataset_id,
        'SPM units' as item,
        count(*) as total
    from {{ ref('int_spm_unit__cps_asec') }}
    group by dataset_id

)

select
    raw_rows.dataset_id,
    raw_rows.item,
    raw_rows.total as raw_total,
    harmonized_rows.total as harmonized_total

from raw_rows
full outer join harmonized_rows
    on
        raw_rows.dataset_id = harmonized_rows.dataset_id
        and raw_rows.item = harmonized_rows.item
where raw_rows.total is distinct from harmonized_rows.total
