-- Grain: one row per housing record of the ACS.
-- Replicate weights side by side: 000 is the full sample's, 001 to 080 the replicates', which may
-- be negative. The variance of an estimate is 4/80 of the squared differences from 000.
with

source as (

    select * from {{ source('acs', 'household_replicate') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        {{ acs_household_id('serialno') }} as household_id,
        {{ acs_replicate_weights('wgtp') }}

    from source

)

select * from decoded
