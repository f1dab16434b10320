-- Grain: one row per person of Tax-Calculator's CPS file, rebuilt as far as the file goes.
-- It knows heads and spouses with their ages and earnings, and counts dependants by age band:
-- those become persons with a band [age_lower, age_upper) and no age. Sex, race, schooling and
-- everything else it does not carry are null, not invented. Codes 80 and 85 are bands too.
{{ config(enabled=target.name == 'tax_units') }}
with

units as (

    select
        tax_unit_id,
        record_income_year,
        household_sequence,
        family_position,
        head_line_number,
        n_members,
        coalesce(age_spouse, 0) as spouse_age_code,
        mars_code = 2 as has_spouse,
        age_head,
        dependents_under_6,
        greatest(dependents_under_13 - dependents_under_6, 0) as dependents_6_12,
        greatest(
            n_under_18
            - cast(age_head < 18 as integer)
            - cast(mars_code = 2 and age_spouse between 1 and 17 as integer)
            - greatest(dependents_under_13, dependents_under_6),
            0
        ) as dependents_13_17,
        greatest(
            n_18_20
            - cast(age_head between 18 and 20 as integer)
            - cast(mars_code = 2 and age_spouse between 18 and 20 as integer),
            0
        ) as dependents_18_20,
        elderly_dependents,
        n_members - 1 - cast(mars_code = 2 as integer) as n_dependents

    from {{ ref('stg_taxcalc_cps__tax_unit') }}

),

members as (

    select
        tax_unit_id,
        'head' as tax_unit_role,
        0 as band_order,
        1 as band_count,
        age_head as age_code,
        age_head as age_lower,
        age_head + 1 as age_upper

    from units

    union all

    select
        tax_unit_id,
        'spouse' as tax_unit_role,
        1 as band_order,
        1 as band_count,
        nullif(spouse_age_code, 0) as age_code,
        nullif(spouse_age_code, 0) as age_lower,
        nullif(spouse_age_code, 0) + 1 as age_upper

    from units
    where has_spouse

    union all

    select
        units.tax_unit_id,
        'dependent' as tax_unit_role,
        bands.band_order,
        case bands.band_order
            when 2 then units.dependents_under_6
            when 3 then units.dependents_6_12
            when 4 then units.dependents_13_17
            when 5 then units.dependents_18_20
            when 6 then units.elderly_dependents
            else greatest(
                units.n_dependents - units.dependents_under_6 - units.dependents_6_12
                - units.dependents_13_17 - units.dependents_18_20 - units.elderly_dependents,
                0
            )
        end as band_count,
        cast(null as integer) as age_code,
        bands.age_lower,
        bands.age_upper

    from units
    cross join (
        values (2, 0, 6), (3, 6, 13), (4, 13, 18), (5, 18, 21), (6, 65, null), (7, 21, 65)
    ) as bands (band_order, age_lower, age_upper)

),

persons as (

    select
        members.* exclude (band_count),  -- the star's own -- noqa: RF03
        row_number() over (
            partition by members.tax_unit_id
            order by members.band_order asc, copies.position asc
        ) as person_number

    from members
    cross join lateral unnest(range(members.band_count)) as copies (position)

),

harmonized as (

    select
        tax_units.dataset_id,
        persons.tax_unit_id * 100 + persons.person_number as person_id,
        tax_units.household_id,
        tax_units.household_id * 100 + units.family_position as family_id,
        tax_units.household_id * 100 + units.family_position as subfamily_id,
        tax_units.household_id as spm_unit_id,
        persons.tax_unit_id,
        persons.tax_unit_id * 100
        + case persons.tax_unit_role when 'dependent' then persons.person_number else 1 end
            as marital_unit_id,
        tax_units.survey_year,
        tax_units.income_year,
        case when persons.tax_unit_role = 'head' then units.head_line_number end as line_number,
        tax_units.design_weight as person_weight,
        tax_units.design_weight,

        persons.tax_unit_role = 'head'
        and units.head_line_number = min(units.head_line_number) over (
            partition by tax_units.household_id
        ) as is_reference_person,
        cast(null as varchar) as relationship,
        case persons.tax_unit_role
            when 'head' then tax_units.spouse_person_id
            when 'spouse' then tax_units.head_person_id
        end as spouse_person_id,
        cast(null as bigint) as partner_person_id,
        cast(null as bigint) as parent1_person_id,
        cast(null as bigint) as parent2_person_id,
        persons.tax_unit_role,

        case when persons.age_code < 80 then persons.age_code end as age,
        persons.age_lower,
        case persons.age_code when 80 then 85 when 85 then null else persons.age_upper end
            as age_upper,
        coalesce(persons.age_code >= 80, false) as is_age_topcoded,
        cast(null as boolean) as is_female,
        cast(null as varchar) as race,
        cast(null as boolean) as is_hispanic,
        cast(null as varchar) as education,
        case
            when units.has_spouse and persons.tax_unit_role in ('head', 'spouse')
                then 'married_present'
        end as marital_status,
        cast(null as boolean) as is_disabled,
        cast(null as boolean) as is_full_time_student,
        cast(null as varchar) as citizenship,
        cast(null as double) as weekly_hours_worked,
        cast(null as double) as weeks_worked,

        case persons.tax_unit_role
            when 'head' then tax_units.employment_income_head
            when 'spouse' then tax_units.employment_income_spouse
        end as employment_income,
        case persons.tax_unit_role
            when 'head' then tax_units.farm_income_head
            when 'spouse' then tax_units.farm_income_spouse
        end as farm_income,
        case persons.tax_unit_role
            when 'head' then tax_units.self_employment_income_head
            when 'spouse' then tax_units.self_employment_income_spouse
        end as self_employment_income,

        cast(null as double) as alimony_income,
        cast(null as double) as child_support_expense,
        cast(null as double) as child_support_received,
        cast(null as double) as disability_benefits,
        cast(null as double) as health_insurance_premiums,
        cast(null as double) as long_term_capital_gains,
        cast(null as double) as medicare_premiums,
        cast(null as double) as non_qualified_dividend_income,
        cast(null as double) as other_income,
        cast(null as double) as other_medical_expenses,
        cast(null as double) as over_the_counter_health_expenses,
        cast(null as double) as qualified_dividend_income,
        cast(null as double) as rental_income,
        cast(null as double) as retirement_contributions,
        cast(null as double) as short_term_capital_gains,
        cast(null as double) as social_security,
        cast(null as double) as social_security_dependents,
        cast(null as double) as social_security_disability,
        cast(null as double) as social_security_retirement,
        cast(null as double) as social_security_survivors,
        cast(null as double) as ssi_reported,
        cast(null as double) as tanf_reported,
        cast(null as double) as tax_exempt_interest_income,
        cast(null as double) as tax_exempt_ira_distributions,
        cast(null as double) as tax_exempt_private_pension_income,
        cast(null as double) as taxable_401k_distributions,
        cast(null as double) as taxable_interest_income,
        cast(null as double) as taxable_ira_distributions,
        cast(null as double) as taxable_private_pension_income,
        cast(null as double) as total_money_income,
        cast(null as double) as unemployment_compensation,
        cast(null as double) as veterans_benefits,
        cast(null as double) as workers_compensation,
        cast(null as boolean) as has_medicaid,
        cast(null as boolean) as has_medicare,
        'reported' as employment_income_origin,
        'reported' as self_employment_income_origin

    from persons
    inner join units on persons.tax_unit_id = units.tax_unit_id
    inner join {{ ref('int_tax_unit__taxcalc_cps') }} as tax_units
        on persons.tax_unit_id = tax_units.tax_unit_id

)

select * from harmonized
