-- Grain: one row per household of every survey and vintage of this build.
-- One schema: what a survey does not ask is null.
with

all_records as (
    {{ all_surveys('household') }}

    -- What only some surveys ask, and so perhaps none of this build.
    union all by name
    select
        cast(null as varchar) as puma,
        cast(null as double) as real_estate_taxes,
        cast(null as varchar) as real_estate_taxes_origin,
        cast(null as varchar) as rent_origin,
        cast(null as double) as net_worth,
        cast(null as integer) as vehicles_owned,
        cast(null as double) as vehicles_value
    where false

)

select * from all_records
