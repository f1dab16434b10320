-- Grain: one row per family of the SCF.
-- 999 bootstrap replicate weights: WT1Bk times MMk, how often the family is in the replicate; both
-- are empty, and the weight zero, where it is not. Families represented, not divided by five: the
-- sampling variance is that of estimates on the first implicate.
{{ config(enabled=target.name != 'tax_units') }}
with

source as (

    select * from {{ source('scf', 'replicate') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        cast(yy1 as bigint) as economic_unit_id,
        _survey_year as survey_year,
        _income_year as income_year,
        {%- for replicate in range(1, 999) %}
            coalesce(cast(wt1b{{ replicate }} as double) * cast(mm{{ replicate }} as double), 0)
                as replicate_weight_{{ '%03d' % replicate }},
        {%- endfor %}
        coalesce(cast(wt1b999 as double) * cast(mm999 as double), 0) as replicate_weight_999

    from source

)

select * from decoded
