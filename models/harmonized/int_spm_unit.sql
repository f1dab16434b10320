-- Grain: one row per SPM unit of every survey and vintage of this build.
-- One schema: what a survey does not ask is null.
with

all_records as (
    {{ all_surveys('spm_unit') }}

)

select * from all_records
