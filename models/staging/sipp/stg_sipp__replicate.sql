-- Grain: one row per person and month of the SIPP.
-- The 240 replicate weights beside the weight itself. Fay's method with factor 0.5: the variance
-- of an estimate is 4 / 240 times the sum of squared differences from it over the replicates.
-- Annual estimates use December's, as they use December's weight.
{{ config(enabled=target.name != 'tax_units') }}
with

source as (

    select * from {{ source('sipp', 'replicate') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        cast(ssuid as bigint) * 1000 + cast(pnum as bigint) as person_id,
        cast(monthcode as integer) as reference_month,
        cast(spanel as integer) as panel,
        cast(swave as integer) as wave,
        _survey_year as survey_year,
        _income_year as income_year,
        {%- for replicate in range(1, 241) %}
            cast(repwgt{{ replicate }} as double) as replicate_weight_{{ '%03d' % replicate }},
        {%- endfor %}
        cast(repwgt0 as double) as person_weight

    from source

)

select * from decoded
