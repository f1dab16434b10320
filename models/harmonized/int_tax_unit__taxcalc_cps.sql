-- Grain: one row per tax unit of Tax-Calculator's CPS file.
-- Amounts are aged from 2014 to the build's income year by the factors shipped with the file,
-- concept by concept (Tax-Calculator's own assignment); losses grow by the factor for losses.
-- Social Security is brought to what was told: the file has the benefit of a spouse twice, and
-- raises all to a total of 2014. It grows with SSA's mean benefit; how many have it, weights say.
-- Assumption: e01100 holds all capital gains that taxdata imputed, not only distributions.
-- Who is unmarried and has a dependant is head of household, as among units that we build: the file
-- calls a quarter of them single, and who pays for most of the home is not known.
-- What the file does not carry is null. A survey year's households are one more third of the file.
{{ config(enabled=target.name == 'tax_units') }}
with

units as (

    select * from {{ ref('stg_taxcalc_cps__tax_unit') }}

),

growth as (

    select product(columns(* exclude (calendar_year)))
    from {{ ref('stg_taxcalc_cps__growth_factor') }}
    where calendar_year between 2015 and {{ var('income_year') }}

),

benefits as (

    select
        max(mean_monthly_benefit) filter (where calendar_year = {{ var('income_year') }})
        / max(mean_monthly_benefit) filter (where calendar_year = 2014) as growth

    from {{ ref('params_mean_benefit') }}

),

household_weights as (

    select
        record_income_year,
        household_sequence,
        fsum(survey_weight order by tax_unit_id) / count(*) as design_weight

    from units
    group by record_income_year, household_sequence

),

aged as (

    select
        units.*,
        (units.record_income_year - 2000) * 1000000 + units.household_sequence as household_id,
        household_weights.design_weight,
        units.e00200p * growth.awage as employment_income_head,
        units.e00200s * growth.awage as employment_income_spouse,
        units.e00900p
        * case when units.e00900p >= 0 then growth.aschci else growth.aschcl end
            as self_employment_income_head,
        units.e00900s
        * case when units.e00900s >= 0 then growth.aschci else growth.aschcl end
            as self_employment_income_spouse,
        units.e02100p * growth.aschf as farm_income_head,
        units.e02100s * growth.aschf as farm_income_spouse,
        units.e02400 / rules.benefit_scale * benefits.growth
        * case
            when units.mars_code != 2 then 1
            when (units.age_head >= rules.benefit_age) = (units.age_spouse >= rules.benefit_age)
                then rules.couple_benefit_share
            when units.age_head >= rules.benefit_age then 1
            else 0.5
        end as social_security,
        growth.* exclude (awage, aschci, aschcl, aschf)  -- the star's own -- noqa: RF02

    from units
    inner join household_weights
        on
            units.record_income_year = household_weights.record_income_year
            and units.household_sequence = household_weights.household_sequence
    cross join growth
    cross join benefits
    cross join {{ ref('params_taxcalc_cps_rule') }} as rules

),

harmonized as (

    select
        dataset_id,
        tax_unit_id,
        household_id,
        record_income_year + 1 as survey_year,
        {{ var('income_year') }} as income_year,
        state_fips,
        design_weight,
        tax_unit_id * 100 + 1 as head_person_id,
        case when mars_code = 2 then tax_unit_id * 100 + 2 end as spouse_person_id,

        case
            when mars_code = 1 and n_members > 1 and not is_dependent_filer then 'head_of_household'
            when mars_code = 1 then 'single'
            when mars_code = 2 then 'joint'
            when mars_code = 3 then 'separate'
            when mars_code = 4 then 'head_of_household'
        end as filing_status,
        is_dependent_filer,
        age_head,
        case when mars_code = 2 and age_spouse > 0 then age_spouse end as age_spouse,
        is_blind_head,
        case when mars_code = 2 then is_blind_spouse end as is_blind_spouse,
        n_members,
        n_members - case when mars_code = 2 then 2 else 1 end as n_dependents,
        ctc_children,
        eitc_children,
        dependents_under_6,
        dependents_under_13,
        n_under_18,
        n_18_20,
        n_21_plus,
        elderly_dependents,

        e00800 * atxpy as alimony_income,
        cast(null as double) as capital_gain_distributions,
        employment_income_head + employment_income_spouse as employment_income,
        employment_income_head,
        employment_income_spouse,
        farm_income_head + farm_income_spouse as farm_income,
        farm_income_head,
        farm_income_spouse,
        housing_ben * abenhousing as housing_value,
        e01100 * acgns as long_term_capital_gains,
        mcaid_ben * abenmcaid as medicaid_value,
        mcare_ben * abenmcare as medicare_value,
        (e00600 - e00650) * adivs as non_qualified_dividend_income,
        other_ben * abenother as other_benefits,
        cast(null as double) as partnership_s_corp_income,
        e00650 * adivs as qualified_dividend_income,
        cast(null as double) as rental_income,
        self_employment_income_head + self_employment_income_spouse as self_employment_income,
        self_employment_income_head,
        self_employment_income_spouse,
        cast(null as double) as short_term_capital_gains,
        snap_ben * abensnap as snap,
        social_security,
        ssi_ben * abenssi as ssi,
        tanf_ben * abentanf as tanf,
        e00400 * aints as tax_exempt_interest_income,
        e00300 * aints as taxable_interest_income,
        e01400 * atxpy as taxable_ira_distributions,
        e01700 * atxpy as taxable_pension_income,
        e01500 * atxpy as total_pension_income,
        e02300 * aucomp as unemployment_compensation,
        vet_ben * abenvet as veterans_benefits,
        wic_ben * abenwic as wic,

        e19800 * atxpy as charitable_cash,
        e20100 * atxpy as charitable_non_cash,
        e32800 * atxpy as childcare_expenses,
        e17500 * acpim as medical_expenses,
        e20400 * atxpy as miscellaneous_deductions,
        e19200 * aipd as mortgage_interest,
        e18500 * atxpy as real_estate_taxes,
        e03270 * acpim as self_employed_health_insurance,
        e03300 * atxpy as self_employed_pension_contributions,
        e18400 * atxpy as state_and_local_income_taxes,
        e03210 * atxpy as student_loan_interest,
        e03150 * atxpy as traditional_ira_contributions

    from aged

)

select * from harmonized
