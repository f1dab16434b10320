-- Grain: one row per person record of the ACS.
-- Replicate weights side by side: 000 is the full sample's, 001 to 080 the replicates', which may
-- be negative. The variance of an estimate is 4/80 of the squared differences from 000.
with

source as (

    select * from {{ source('acs', 'person_replicate') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        {{ acs_person_id('serialno', 'sporder') }} as person_id,
        {{ acs_replicate_weights('pwgtp') }}

    from source

)

select * from decoded
