-- Grain: one row per person of the CPS ASEC.
-- How each amount came about, by the survey's allocation flags: reported, or allocated by the
-- survey, whole or in part; below the age that incomes are asked from, a structural zero. A part
-- of a bundled item that was reported is by rule: the split is a published share.
-- Nuance: the earnings of the longest job have one flag, and the job says of which kind they are.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select
        persons.dataset_id,
        persons.person_id,
        persons.age < rules.income_universe_age as is_outside_income_universe,
        persons.longest_job_allocation_code,
        persons.other_wages_allocation_code,
        persons.other_self_employment_allocation_code,
        coalesce(persons.longest_job_source_code, 1) as longest_job_source_code

    from {{ ref('stg_cps_asec__person') }} as persons
    cross join {{ ref('params_cps_asec_rule') }} as rules

),

flagged as (

    select
        persons.dataset_id,
        persons.person_id,
        persons.is_outside_income_universe,
        flags.capital_gains_allocation_code,
        flags.child_support_paid_allocation_code,
        flags.child_support_received_allocation_code,
        flags.dividends_allocation_code,
        flags.interest_allocation_code,
        flags.public_assistance_allocation_code,
        flags.rents_allocation_code,
        flags.retirement_contributions_allocation_code,
        flags.social_security_allocation_code,
        flags.ssi_allocation_code,
        flags.unemployment_compensation_allocation_code,
        flags.veterans_benefits_allocation_code,
        flags.workers_compensation_allocation_code,
        greatest(
            coalesce(persons.other_wages_allocation_code, 0),
            if(persons.longest_job_source_code = 1, persons.longest_job_allocation_code, 0)
        ) as wages_allocation_code,
        greatest(
            persons.other_self_employment_allocation_code,
            if(persons.longest_job_source_code = 2, persons.longest_job_allocation_code, 0)
        ) as self_employment_allocation_code,
        greatest(
            flags.other_farm_self_employment_allocation_code,
            if(persons.longest_job_source_code = 3, persons.longest_job_allocation_code, 0)
        ) as farm_allocation_code,
        greatest(
            flags.pension1_allocation_code,
            flags.pension2_allocation_code,
            flags.annuities_allocation_code
        ) as pension_allocation_code

    from persons
    inner join {{ ref('stg_cps_asec__person_allocation') }} as flags
        on persons.dataset_id = flags.dataset_id and persons.person_id = flags.person_id

),

told as (

    select
        dataset_id,
        person_id,
        {{ amount_origin('child_support_paid_allocation_code') }} as child_support_expense_origin,
        {{ amount_origin('child_support_received_allocation_code') }}
            as child_support_received_origin,
        {{ amount_origin('wages_allocation_code') }} as employment_income_origin,
        {{ amount_origin('farm_allocation_code') }} as farm_income_origin,
        {{ amount_origin('capital_gains_allocation_code', as_told='rule') }}
            as long_term_capital_gains_origin,
        {{ amount_origin('dividends_allocation_code', as_told='rule') }}
            as non_qualified_dividend_income_origin,
        {{ amount_origin('dividends_allocation_code', as_told='rule') }}
            as qualified_dividend_income_origin,
        {{ amount_origin('rents_allocation_code') }} as rental_income_origin,
        {{ amount_origin('retirement_contributions_allocation_code') }}
            as retirement_contributions_origin,
        {{ amount_origin('self_employment_allocation_code') }} as self_employment_income_origin,
        {{ amount_origin('capital_gains_allocation_code', as_told='rule') }}
            as short_term_capital_gains_origin,
        {{ amount_origin('social_security_allocation_code') }} as social_security_origin,
        {{ amount_origin('ssi_allocation_code') }} as ssi_reported_origin,
        {{ amount_origin('public_assistance_allocation_code') }} as tanf_reported_origin,
        {{ amount_origin('interest_allocation_code', as_told='rule') }}
            as tax_exempt_interest_income_origin,
        {{ amount_origin('pension_allocation_code', as_told='rule') }}
            as tax_exempt_private_pension_income_origin,
        {{ amount_origin('interest_allocation_code', as_told='rule') }}
            as taxable_interest_income_origin,
        {{ amount_origin('pension_allocation_code', as_told='rule') }}
            as taxable_private_pension_income_origin,
        {{ amount_origin('unemployment_compensation_allocation_code') }}
            as unemployment_compensation_origin,
        {{ amount_origin('veterans_benefits_allocation_code') }} as veterans_benefits_origin,
        {{ amount_origin('workers_compensation_allocation_code') }} as workers_compensation_origin

    from flagged

)

select * from told
