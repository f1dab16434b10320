-- Grain: one row per person of the CPS ASEC who has replicate weights.
-- Rename and cast. Weights have a decimal point here, not two implied ones.
-- Nuance: the variance of an estimate is 4/160 times the sum over replicates of (estimate with
-- the replicate - estimate)^2: successive differences, as if Fay's method with factor 0.5.
with

source as (

    select * from {{ source('cps_asec', 'person_replicate') }}

),

renamed as (

    select
        _dataset_id as dataset_id,
        cast(h_seq as bigint) * 100 + cast(pppos as bigint) - 40 as person_id,
        cast(h_seq as bigint) as household_id,
        _survey_year as survey_year,
        _income_year as income_year,
        cast(pwwgt0 as double) as person_weight,
        {{ asec_replicate_weights() }}

    from source

)

select * from renamed
