-- Grain: one row per person and month of the SIPP.
-- Rename, cast, decode. What was not asked is empty in the file and null here; a job that is not
-- held is not in the list of jobs. Amounts are dollars of the month, what is owned is as of the
-- end of the year. SSUID has leading zeros and stays text; the person's key is made of its digits.
-- Nuance: AJBn_MSUM are status flags; the tips of a job are TJBn_TXAMT, never AJBn_TXAMT.
{{ config(enabled=target.name != 'tax_units') }}
with

source as (

    select * from {{ source('sipp', 'person_month') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        ssuid as sample_unit_id,
        cast(eresidenceid as integer) as residence_number,
        cast(pnum as integer) as person_number,
        cast(monthcode as integer) as reference_month,
        cast(ssuid as bigint) * 1000 + cast(pnum as bigint) as person_id,
        cast(spanel as integer) as panel,
        cast(swave as integer) as wave,
        _survey_year as survey_year,
        _income_year as income_year,
        lpad(tehc_st, 2, '0') as state_fips,
        cast(wpfinwgt as double) as person_weight,

        cast(coalesce(tage_ehc, tage) as integer) as age,
        cast(esex as integer) = 2 as is_female,
        cast(erace as integer) as race_code,
        {{ yes_no('eorigin') }} as is_hispanic,
        {{ yes_no('ebornus') }} as is_born_in_us,
        {{ yes_no('ecitizen') }} as is_citizen,
        cast(eeduc as integer) as education_code,
        cast(ems as integer) as marital_status_code,
        cast(erelrpe as integer) in (1, 2) as is_reference_person,
        cast(epnspouse as integer) as spouse_number,
        cast(epncohab as integer) as partner_number,
        cast(epnpar1 as integer) as parent1_number,
        cast(epnpar2 as integer) as parent2_number,
        cast(tlivqtr as integer) as living_quarters_code,
        cast(etenure as integer) as tenure_code,
        case
            when
                coalesce(ehearing, eseeing, ecognit, eambulat, eselfcare, eerrands) is not null
                then '1' in (ehearing, eseeing, ecognit, eambulat, eselfcare, eerrands)
        end as is_disabled,
        case
            when cast(eedenroll as integer) = 2 then false
            when cast(eedenroll as integer) = 1 then cast(eedftpt as integer) = 1
        end as is_full_time_student,
        coalesce({{ yes_no('rmcaidann') }}, {{ yes_no('emdmth') }}) as has_medicaid,
        coalesce({{ yes_no('rmedcareann') }}, {{ yes_no('ecrmth') }}) as has_medicare,
        cast(rmwkwjb as integer) as weeks_with_job,
        list_filter(
            [
                {{ sipp_job(1) }},
                {{ sipp_job(2) }},
                {{ sipp_job(3) }},
                {{ sipp_job(4) }},
                {{ sipp_job(5) }},
                {{ sipp_job(6) }},
                {{ sipp_job(7) }}
            ],
            job -> job.class_of_worker_code is not null
        ) as jobs,

        cast(taliamt as double) as alimony_income,
        cast(tval_bank as double) as bank_account_assets,
        cast(tval_bond as double) as bond_assets,
        cast(tcsamt as double) as child_support_received,
        {{ added([
            'tdis1amt', 'tdis2amt', 'tdis3amt', 'tdis4amt', 'tdis5amt', 'tdis6amt', 'tdis7amt',
            'tdis8amt', 'tdis9amt', 'tdis10amt',
        ]) }} as disability_benefits,
        cast(tinc_stmf as double) as dividends,
        cast(tpearn as double) as earnings,
        cast(thdebt_home as double) as home_debt,
        cast(thval_home as double) as home_value,
        {{ added(['tinc_bank', 'tinc_bond']) }} as interest,
        cast(thnetworth as double) as net_worth,
        cast(tretincamt as double) as pensions,
        {{ added(['ttanf_amt', 'tga_amt']) }} as public_assistance,
        cast(tinc_rent as double) as rents,
        cast(tsnap_amt as double) as snap,
        {{ added(['tsssamt', 'tsscamt']) }} as social_security,
        cast(tssi_amt as double) as ssi,
        cast(tval_stmf as double) as stock_assets,
        cast(tptotinc as double) as total_income,
        {{ added(['tuc1amt', 'tuc2amt', 'tuc3amt']) }} as unemployment_compensation,
        cast(tveh_num as integer) as vehicles_owned,
        cast(thval_veh as double) as vehicles_value,
        {{ added(['tva1amt', 'tva2amt', 'tva3amt', 'tva4amt', 'tva5amt']) }} as veterans_benefits,
        cast(twcamt as double) as workers_compensation,
        cast(rfpov as double) as family_poverty_threshold,
        cast(tftotinc as double) as family_income

    from source

)

select * from decoded
