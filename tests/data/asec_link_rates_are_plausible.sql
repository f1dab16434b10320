{{ config(
    enabled=target.name != 'tax_units',
    meta={
        "description": "Of two adjacent Marches, a quarter to a half of persons are met in both.",
        "history": "2026-11 first bounds: 20 % to 50 % of the smaller; 85 % of keys hold"
    }
) }}

-- Four of eight rotation groups can be met again; who has moved is not. Where a vintage is new to
-- the build, or the key is cut (a spreadsheet's 8.3E+21), nobody is.
with

sizes as (

    select
        dataset_id,
        income_year,
        count(*) as person_count

    from {{ ref('stg_cps_asec__person') }}
    group by dataset_id, income_year

),

met as (

    select
        dataset_id,
        count(*) as key_count,
        count(*) filter (where is_same_person) as same_count

    from {{ ref('int_previous_year__cps_asec') }}
    group by dataset_id

),

rated as (

    select
        sizes.dataset_id,
        coalesce(met.same_count, 0)
        / least(sizes.person_count, previous.person_count) as met_share,
        coalesce(met.same_count / met.key_count, 0) as same_share

    from sizes
    inner join sizes as previous on sizes.income_year = previous.income_year + 1
    left outer join met on sizes.dataset_id = met.dataset_id

)

select *
from rated
where
    met_share not between 0.2 and 0.5
    or same_share < 0.85
