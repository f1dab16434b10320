-- Grain: one row per person record of the ACS.
-- Rename, cast, decode. ADJINC has six implied decimals; dollars are as told to the interviewer, of
-- the twelve months before. Blank was not asked and becomes null: incomes under 15, marital status
-- by presence of the spouse (MSP) under 15, who MAR says have never married. Of hours and weeks a
-- blank is a known zero for who is asked and has not worked in twelve months.
-- Assumption: pupils up to the twelfth grade attend full time; of college nothing is known.
with

source as (

    select * from {{ source('acs', 'person') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        {{ acs_person_id('serialno', 'sporder') }} as person_id,
        {{ acs_household_id('serialno') }} as household_id,
        _survey_year as survey_year,
        _income_year as income_year,
        cast(adjinc as double) / 1000000 as income_adjustment,
        cast(pwgtp as double) as person_weight,

        cast(sporder as integer) as line_number,
        cast(relshipp as integer) as relationship_code,
        cast(sfn as integer) as subfamily_number,
        cast(sfr as integer) as subfamily_role_code,

        cast(agep as integer) as age,
        cast(sex as integer) = 2 as is_female,
        cast(rac1p as integer) as race_code,
        cast(hisp as integer) <> 1 as is_hispanic,
        cast(schl as integer) as education_code,
        coalesce(cast(msp as integer), case when cast(mar as integer) = 5 then 6 end)
            as marital_status_code,
        cast(cit as integer) as citizenship_code,
        {{ yes_no('dis') }} as is_disabled,
        case
            when cast(sch as integer) = 1 then false
            when cast(schg as integer) <= 14 then true
        end as is_full_time_student,
        coalesce(cast(wkhp as double), case when cast(wkl as integer) > 1 then 0 end)
            as weekly_hours_worked,
        coalesce(cast(wkwn as double), case when cast(wkl as integer) > 1 then 0 end)
            as weeks_worked,
        {{ yes_no('hins4') }} as has_medicaid,
        {{ yes_no('hins3') }} as has_medicare,

        cast(intp as double) as interest_dividends_rents,
        cast(oip as double) as other_income,
        cast(pap as double) as public_assistance,
        cast(povpip as integer) as poverty_ratio_percent,
        cast(retp as double) as retirement_income,
        cast(semp as double) as self_employment,
        cast(ssip as double) as ssi,
        cast(ssp as double) as social_security,
        cast(pincp as double) as total_money_income,
        cast(wagp as double) as wages,

        fsemp = '1' as is_self_employment_allocated,
        fwagp = '1' as are_wages_allocated

    from source

)

select * from decoded
