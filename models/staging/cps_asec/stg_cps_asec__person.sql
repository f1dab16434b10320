-- Grain: one row per person record of the CPS ASEC.
-- Rename, cast, decode. Pointers hold A_LINENO, never P_SEQ; 0 and -1 are nobody. Weights have two
-- implied decimals. In amounts that cannot be negative -1 was not asked and becomes null; in signed
-- amounts -1 is a loss of one dollar, and not in universe is 0.
-- Assumption: age code 80 stands for 80 to 84 and is spread evenly by a hash of PERIDNUM, so that
-- a person's age is the same on every run; 85 stands for 85 and over and stays 85.
with

source as (

    select * from {{ source('cps_asec', 'person') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        cast(ph_seq as bigint) * 100 + cast(p_seq as bigint) as person_id,
        cast(ph_seq as bigint) as household_id,
        cast(ph_seq as bigint) * 100 + cast(pf_seq as bigint) as family_id,
        cast(ph_seq as bigint) * 100 + cast(phf_seq as bigint) as subfamily_id,
        cast(spm_id as bigint) as spm_unit_id,
        nullif(greatest(cast(tax_id as bigint), 0), 0) as survey_tax_unit_id,
        peridnum as longitudinal_person_key,
        _survey_year as survey_year,
        _income_year as income_year,
        cast(marsupwt as double) / 100 as person_weight,

        cast(a_lineno as integer) as line_number,
        nullif(greatest(cast(a_spouse as integer), 0), 0) as spouse_line_number,
        nullif(greatest(cast(pecohab as integer), 0), 0) as partner_line_number,
        nullif(greatest(cast(pepar1 as integer), 0), 0) as parent1_line_number,
        nullif(greatest(cast(pepar2 as integer), 0), 0) as parent2_line_number,
        nullif(greatest(cast(dep_stat as integer), 0), 0) as claimant_line_number,
        cast(a_exprrp as integer) as relationship_code,
        cast(a_famrel as integer) as family_relationship_code,

        cast(a_age as integer) as age_code,
        case cast(a_age as integer)
            when 80 then 80 + {{ hash_bucket('peridnum', 5) }}
            else cast(a_age as integer)
        end as age,
        cast(a_sex as integer) = 2 as is_female,
        cast(prdtrace as integer) as race_code,
        cast(prdthsp as integer) <> 0 as is_hispanic,
        cast(a_hga as integer) as education_code,
        cast(a_maritl as integer) as marital_status_code,
        cast(prcitshp as integer) as citizenship_code,
        {{ yes_no('pediseye') }} as is_blind,
        case
            when 1 in (
                cast(pedisdrs as integer), cast(pedisear as integer), cast(pediseye as integer),
                cast(pedisout as integer), cast(pedisphy as integer), cast(pedisrem as integer)
            ) then true
            when cast(pediseye as integer) > 0 then false
        end as is_disabled,
        case cast(a_enrlw as integer)
            when 1 then cast(a_ftpt as integer) = 1
            when 2 then false
        end as is_full_time_student,
        {{ yes_no('dis_hp') }} as has_work_limitation,
        nullif(cast(hrswk as double), -1) as weekly_hours_worked,
        nullif(cast(wkswork as double), -1) as weeks_worked,
        {{ yes_no('caid') }} as has_medicaid,
        {{ yes_no('mcare') }} as has_medicare,

        nullif(cast(wsal_val as double), -1) as wages,
        cast(semp_val as double) as self_employment,
        cast(frse_val as double) as farm_self_employment,
        nullif(cast(int_val as double), -1) as interest,
        nullif(cast(div_val as double), -1) as dividends,
        cast(cap_val as double) as capital_gains,
        cast(rnt_val as double) as rents,
        nullif(cast(ss_val as double), -1) as social_security,
        nullif(greatest(cast(resnss1 as integer), 0), 0) as social_security_reason1_code,
        nullif(greatest(cast(resnss2 as integer), 0), 0) as social_security_reason2_code,
        nullif(cast(ssi_val as double), -1) as ssi,
        nullif(cast(paw_val as double), -1) as public_assistance,
        nullif(cast(uc_val as double), -1) as unemployment_compensation,
        nullif(cast(wc_val as double), -1) as workers_compensation,
        nullif(cast(vet_val as double), -1) as veterans_benefits,
        nullif(cast(pnsn_val as double), -1) as pensions,
        nullif(cast(ann_val as double), -1) as annuities,
        cast(dis_sc1 as integer) as disability_source1_code,
        nullif(cast(dis_val1 as double), -1) as disability_income1,
        cast(dis_sc2 as integer) as disability_source2_code,
        nullif(cast(dis_val2 as double), -1) as disability_income2,
        cast(dst_sc1 as integer) as distribution1_account_code,
        nullif(cast(dst_val1 as double), -1) as distribution1,
        cast(dst_sc2 as integer) as distribution2_account_code,
        nullif(cast(dst_val2 as double), -1) as distribution2,
        cast(dst_sc1_yng as integer) as young_distribution1_account_code,
        nullif(cast(dst_val1_yng as double), -1) as young_distribution1,
        cast(dst_sc2_yng as integer) as young_distribution2_account_code,
        nullif(cast(dst_val2_yng as double), -1) as young_distribution2,
        nullif(cast(csp_val as double), -1) as child_support_received,
        nullif(cast(ed_val as double), -1) as educational_assistance,
        nullif(cast(fin_val as double), -1) as financial_assistance,
        nullif(cast(srvs_val as double), -1) as survivor_income,
        cast(oi_off as integer) as other_income_code,
        nullif(cast(oi_val as double), -1) as other_income,
        cast(ptotval as double) as total_money_income,
        nullif(cast(retcb_val as double), -1) as retirement_contributions,
        nullif(cast(chsp_val as double), -1) as child_support_paid,
        nullif(cast(phip_val as double), -1) as health_insurance_premiums,
        nullif(cast(potc_val as double), -1) as over_the_counter_health_expenses,
        nullif(cast(pmed_val as double), -1) as other_medical_expenses,
        nullif(cast(pemcprem as double), -1) as medicare_premiums,

        cast(i_ernval as integer) as longest_job_allocation_code,
        cast(i_wsval as integer) as other_wages_allocation_code,
        cast(i_seval as integer) as other_self_employment_allocation_code,
        cast(ern_srce as integer) as longest_job_source_code,

        nullif(greatest(cast(filestat as integer), 0), 0) as survey_filing_status_code,
        cast(pov_univ as integer) = 1 as is_in_poverty_universe,
        nullif(greatest(cast(perlis as integer), 0), 0) as official_poverty_code,

        cast(spm_bbsubval as double) as spm_broadband_subsidy,
        cast(spm_childsuppd as double) as spm_child_support_paid,
        cast(spm_engval as double) as spm_energy_subsidy,
        cast(spm_equivscale as double) as spm_equivalence_scale,
        cast(spm_fedtax as double) as spm_federal_tax,
        cast(spm_geoadj as double) as spm_geoadj,
        cast(spm_caphousesub as double) as spm_housing_subsidy,
        cast(spm_medxpns as double) as spm_medical_expenses,
        cast(spm_totval as double) as spm_money_income,
        cast(cast(spm_numadults as double) as integer) as spm_num_adults,
        cast(cast(spm_numkids as double) as integer) as spm_num_children,
        cast(spm_fica as double) as spm_payroll_tax,
        cast(spm_resources as double) as spm_resources,
        cast(spm_schlunch as double) as spm_school_meals,
        cast(spm_snapsub as double) as spm_snap,
        cast(spm_sttax as double) as spm_state_tax,
        cast(cast(spm_tenmortstatus as double) as integer) as spm_tenure_code,
        cast(spm_povthreshold as double) as spm_threshold,
        cast(spm_wicval as double) as spm_wic,
        cast(spm_capwkccxpns as double) as spm_work_childcare_expenses,
        cast(cast(spm_poor as double) as integer) = 1 as is_spm_poor

    from source

)

select * from decoded
