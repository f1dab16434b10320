-- Grain: one row per economic unit, implicate, survey and vintage of this build.
-- Balance sheets: what families own and owe, in full, for imputation to draw from.
with

all_records as (
    {{ all_surveys('economic_unit') }}

)

select * from all_records
