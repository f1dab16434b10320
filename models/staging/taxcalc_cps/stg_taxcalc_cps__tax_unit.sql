-- Grain: one row per tax unit of the file.
-- Names and types only; amounts stay those of 2014. `s006` carries two implied decimals and
-- already counts a third of the population for each of the three survey years pooled.
with

raw_units as (

    select * from {{ source('taxcalc_cps', 'tax_unit') }}

),

renamed as (

    select
        _dataset_id as dataset_id,
        cast(recid as bigint) as tax_unit_id,
        cast(flpdyr as integer) as record_income_year,
        cast(h_seq as bigint) as household_sequence,
        cast(ffpos as integer) as family_position,
        cast(a_lineno as integer) as head_line_number,
        lpad(fips, 2, '0') as state_fips,
        cast(s006 as double) / 100 as survey_weight,

        cast(mars as integer) as mars_code,
        cast(dsi as integer) = 1 as is_dependent_filer,
        cast(age_head as integer) as age_head,
        cast(age_spouse as integer) as age_spouse,
        cast(blind_head as integer) = 1 as is_blind_head,
        cast(blind_spouse as integer) = 1 as is_blind_spouse,
        cast(xtot as integer) as n_members,
        cast(eic as integer) as eitc_children,
        cast(n24 as integer) as ctc_children,
        cast(nu06 as integer) as dependents_under_6,
        cast(nu13 as integer) as dependents_under_13,
        cast(nu18 as integer) as n_under_18,
        cast(n1820 as integer) as n_18_20,
        cast(n21 as integer) as n_21_plus,
        cast(elderly_dependents as integer) as elderly_dependents,

        cast(e00200p as double) as e00200p,
        cast(e00200s as double) as e00200s,
        cast(e00300 as double) as e00300,
        cast(e00400 as double) as e00400,
        cast(e00600 as double) as e00600,
        cast(e00650 as double) as e00650,
        cast(e00800 as double) as e00800,
        cast(e00900p as double) as e00900p,
        cast(e00900s as double) as e00900s,
        cast(e01100 as double) as e01100,
        cast(e01400 as double) as e01400,
        cast(e01500 as double) as e01500,
        cast(e01700 as double) as e01700,
        cast(e02100p as double) as e02100p,
        cast(e02100s as double) as e02100s,
        cast(e02300 as double) as e02300,
        cast(e02400 as double) as e02400,
        cast(e03150 as double) as e03150,
        cast(e03210 as double) as e03210,
        cast(e03270 as double) as e03270,
        cast(e03300 as double) as e03300,
        cast(e17500 as double) as e17500,
        cast(e18400 as double) as e18400,
        cast(e18500 as double) as e18500,
        cast(e19200 as double) as e19200,
        cast(e19800 as double) as e19800,
        cast(e20100 as double) as e20100,
        cast(e20400 as double) as e20400,
        cast(e32800 as double) as e32800,

        cast(housing_ben as double) as housing_ben,
        cast(mcaid_ben as double) as mcaid_ben,
        cast(mcare_ben as double) as mcare_ben,
        cast(other_ben as double) as other_ben,
        cast(snap_ben as double) as snap_ben,
        cast(ssi_ben as double) as ssi_ben,
        cast(tanf_ben as double) as tanf_ben,
        cast(vet_ben as double) as vet_ben,
        cast(wic_ben as double) as wic_ben

    from raw_units

)

select * from renamed
