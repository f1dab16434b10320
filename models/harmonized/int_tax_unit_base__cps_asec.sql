-- Grain: one row per person of the CPS ASEC.
-- Base units: a married couple is one unit, everyone else is a unit of one. The head of a couple
-- is the household's reference person, else the older, else the lower line number. Which units
-- survive is decided later, by each mode; here stand the facts that decide.
-- Nuance: gross income is what the test for a qualifying relative counts: taxable items, losses
-- as zero, neither Social Security nor means-tested or veterans' benefits; not asked is nothing.
-- Disabled is who has a health problem that limits work, where the file asks; else any of the six
-- difficulties. Neither is the law's "permanently and totally".
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

kinship as (

    select * from {{ ref('int_kinship__cps_asec') }}

),

incomes as (

    select * from {{ ref('int_income__cps_asec') }}

),

described as (

    select
        persons.dataset_id,
        persons.person_id,
        persons.household_id,
        persons.income_year,
        persons.person_weight,
        persons.line_number,
        kinship.marital_unit_id,
        kinship.spouse_person_id,
        kinship.parent1_person_id,
        kinship.parent2_person_id,
        persons.age,
        relationships.relationship = 'reference_person' as is_reference_person,
        relationships.is_related,
        relationships.is_child_kind,
        marital_statuses.may_be_claimed,
        marital_statuses.marital_status = 'never' as is_never_married,
        coalesce(persons.is_full_time_student, false) as is_full_time_student,
        coalesce(persons.has_work_limitation, persons.is_disabled, false) as is_disabled,
        coalesce(incomes.total_money_income, 0) as total_money_income,
        coalesce(incomes.social_security, 0) as social_security,
        coalesce(incomes.self_employment_income, 0) + coalesce(incomes.farm_income, 0)
            as net_self_employment_income,
        coalesce(
            list_sum([
                incomes.alimony_income,
                incomes.employment_income,
                greatest(incomes.farm_income, 0),
                greatest(incomes.long_term_capital_gains + incomes.short_term_capital_gains, 0),
                incomes.non_qualified_dividend_income,
                incomes.qualified_dividend_income,
                greatest(incomes.rental_income, 0),
                greatest(incomes.self_employment_income, 0),
                incomes.taxable_401k_distributions,
                incomes.taxable_interest_income,
                incomes.taxable_ira_distributions,
                incomes.taxable_private_pension_income,
                incomes.unemployment_compensation
            ]),
            0
        ) as gross_income

    from persons
    inner join kinship
        on persons.dataset_id = kinship.dataset_id and persons.person_id = kinship.person_id
    inner join incomes
        on persons.dataset_id = incomes.dataset_id and persons.person_id = incomes.person_id
    inner join {{ ref('codes_cps_relationship') }} as relationships
        on persons.relationship_code = relationships.code
    inner join {{ ref('codes_cps_marital_status') }} as marital_statuses
        on persons.marital_status_code = marital_statuses.code

),

headed as (

    select
        described.*,
        first_value(described.person_id) over head_first as base_unit_id,
        first_value(described.age) over head_first as head_age,
        first_value(described.line_number) over head_first as head_line_number,
        fsum(described.total_money_income) over couples as unit_money_income,
        fsum(described.gross_income) over couples as unit_gross_income,
        fsum(described.gross_income + described.social_security) over couples
            as unit_claimant_income,
        fsum(described.net_self_employment_income) over couples as unit_self_employment_income

    from described
    window
        couples as (partition by described.dataset_id, described.marital_unit_id),
        head_first as (
            partition by described.dataset_id, described.marital_unit_id
            order by
                described.is_reference_person desc,
                described.age desc,
                described.line_number asc
        )

)

select * from headed
