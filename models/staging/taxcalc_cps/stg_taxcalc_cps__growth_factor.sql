-- Grain: one row per calendar year. Each column is the growth of a concept since the year before,
-- per person for amounts (the number of people grows in the weights).
with

raw_factors as (

    select * from {{ source('taxcalc_cps', 'growth_factor') }}

),

renamed as (

    select
        cast(year as integer) as calendar_year,
        cast(abenhousing as double) as abenhousing,
        cast(abenmcaid as double) as abenmcaid,
        cast(abenmcare as double) as abenmcare,
        cast(abenother as double) as abenother,
        cast(abensnap as double) as abensnap,
        cast(abenssi as double) as abenssi,
        cast(abentanf as double) as abentanf,
        cast(abenvet as double) as abenvet,
        cast(abenwic as double) as abenwic,
        cast(acgns as double) as acgns,
        cast(acpim as double) as acpim,
        cast(adivs as double) as adivs,
        cast(aints as double) as aints,
        cast(aipd as double) as aipd,
        cast(aschci as double) as aschci,
        cast(aschcl as double) as aschcl,
        cast(aschf as double) as aschf,
        cast(asocsec as double) as asocsec,
        cast(atxpy as double) as atxpy,
        cast(aucomp as double) as aucomp,
        cast(awage as double) as awage

    from raw_factors

)

select * from renamed
