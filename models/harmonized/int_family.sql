-- Grain: one row per family of every survey and vintage of this build.
-- One schema: what a survey does not ask is null.
with

all_records as (
    {{ all_surveys('family') }}

)

select * from all_records
