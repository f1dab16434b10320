-- Grain: one row per household of a donor survey, and per household of the base records and copy.
-- What forests may know of a household, the same for who gives and who receives. Copy 0 is as
-- reported; copy 1+ has the drawn interest, dividends and top wages, and the money income that
-- follows: what depends on incomes is drawn given those. Means-tested cash is left out of that
-- income.
-- Nuance: ages known as a band count from its lower end; what a base has only by tax unit is the
-- sum over them. Group quarters of the ACS have no weight and are left out.
with

datasets as (

    select
        dataset_id,
        survey,
        is_base

    from {{ ref('int_dataset') }}
    where
        is_base
        or dataset_id = {{ nearest_dataset('acs') }}
        or dataset_id = {{ nearest_dataset('sipp') }}

),

persons as (

    select
        dataset_id,
        household_id,
        max(coalesce(age, age_lower)) filter (where is_reference_person) as age,
        bool_or(is_female) filter (where is_reference_person) as is_female,
        bool_or(coalesce(spouse_person_id, partner_person_id) is not null)
        filter (where is_reference_person) as is_couple,
        count(*) filter (where coalesce(age, age_lower) < 18) as n_under_18,
        count(*) filter (where coalesce(age, age_lower) < 6) as n_under_6,
        {{ exact_sum('employment_income') }} as employment_income,
        {{ exact_sum('self_employment_income + coalesce(farm_income, 0)') }}
            as self_employment_income,
        {{ exact_sum('social_security') }} as social_security,
        {{ exact_sum(
            'coalesce(retirement_income, taxable_private_pension_income + '
            ~ 'tax_exempt_private_pension_income)'
        ) }} as pension_income,
        {{ exact_sum(
            'taxable_interest_income + tax_exempt_interest_income + qualified_dividend_income + '
            ~ 'non_qualified_dividend_income'
        ) }} as interest_dividend_income

    from {{ ref('int_person') }}
    where dataset_id in (select datasets.dataset_id from datasets)
    group by dataset_id, household_id

),

tax_units as (

    select
        dataset_id,
        household_id,
        {{ exact_sum('social_security') }} as social_security,
        {{ exact_sum('total_pension_income') }} as pension_income,
        {{ exact_sum(
            'coalesce(taxable_interest_income, 0) + coalesce(tax_exempt_interest_income, 0) + '
            ~ 'coalesce(qualified_dividend_income, 0) + coalesce(non_qualified_dividend_income, 0)'
        ) }} as interest_dividend_income,
        {{ exact_sum('ssi + tanf') }} as means_tested_cash,
        bool_and(partnership_s_corp_income is null and rental_income is null) as has_no_rents

    from {{ base_records('tax_unit') }}
    group by dataset_id, household_id

),

draws as (

    select
        recipients.dataset_id,
        draws.household_id,
        draws.copy_id,
        draws.interest_dividend_income,
        case
            when draws.business_income < 0 and recipients.business_income = 0
                then draws.business_income
            else greatest(draws.business_income - greatest(recipients.business_income, 0), 0)
        end as business_income

    from {{ ref('imp_scf') }} as draws
    inner join {{ ref('imp_scf_recipient') }} as recipients
        on draws.household_id = recipients.household_id

),

wages as (

    select
        recipients.dataset_id,
        copies.household_id,
        copies.copy_id,
        draws.employment_income - recipients.employment_income as wage_change

    from {{ ref('imp_copy') }} as copies
    inner join {{ ref('imp_scf_recipient_wage') }} as draws
        on copies.household_id = draws.household_id and copies.draw_id = draws.draw_id
    inner join {{ ref('imp_scf_recipient') }} as recipients
        on copies.household_id = recipients.household_id

),

missed as (

    select
        household_id,
        copy_id,
        {{ exact_sum('coalesce(self_employment_income, 0)') }} as self_employment_income,
        {{ exact_sum('coalesce(total_pension_income, 0)') }} as pension_income,
        {{ exact_sum('money_income_change') }} as money_income

    from {{ ref('imp_income') }}
    group by household_id, copy_id

),

profiles as (

    select
        households.dataset_id,
        datasets.survey,
        households.household_id,
        coalesce(draws.copy_id, 0) as copy_id,
        datasets.is_base,
        households.design_weight,
        households.household_size,
        persons.age,
        cast(persons.is_female as integer) as is_female,
        cast(persons.is_couple as integer) as is_couple,
        cast(persons.n_under_18 as integer) as n_under_18,
        cast(persons.n_under_6 as integer) as n_under_6,
        cast(coalesce(households.tenure_type like 'owned%', false) as integer) as is_owner,
        cast(coalesce(households.tenure_type = 'owned_with_mortgage', false) as integer)
            as has_mortgage,
        cast(coalesce(households.tenure_type = 'rented', false) as integer) as is_renter,
        coalesce(households.property_value, 0) as property_value,
        persons.employment_income + coalesce(wages.wage_change, 0) as employment_income,
        persons.self_employment_income + coalesce(missed.self_employment_income, 0)
            as self_employment_income,
        coalesce(persons.social_security, tax_units.social_security, 0) as social_security,
        coalesce(persons.pension_income, tax_units.pension_income, 0)
        + coalesce(missed.pension_income, 0) as pension_income,
        case
            when draws.copy_id >= 1 then draws.interest_dividend_income
            else coalesce(persons.interest_dividend_income, tax_units.interest_dividend_income)
        end as interest_dividend_income,
        households.household_money_income
        - coalesce(tax_units.means_tested_cash, 0)
        + case
            when draws.copy_id >= 1
                then draws.interest_dividend_income - tax_units.interest_dividend_income
            else 0
        end
        + case when tax_units.has_no_rents then draws.business_income else 0 end
        + coalesce(wages.wage_change, 0)
        + coalesce(missed.money_income, 0) as other_money_income

    from {{ ref('int_household') }} as households
    inner join datasets on households.dataset_id = datasets.dataset_id
    inner join persons
        on
            households.dataset_id = persons.dataset_id
            and households.household_id = persons.household_id
    left outer join tax_units
        on
            households.dataset_id = tax_units.dataset_id
            and households.household_id = tax_units.household_id
    left outer join draws
        on
            households.dataset_id = draws.dataset_id
            and households.household_id = draws.household_id
    left outer join wages
        on
            draws.dataset_id = wages.dataset_id
            and draws.household_id = wages.household_id
            and draws.copy_id = wages.copy_id
    left outer join missed
        on
            draws.household_id = missed.household_id
            and least(draws.copy_id, 1) = missed.copy_id
    where households.design_weight > 0

)

select * from profiles
