-- Grain: one row per mode and person of the CPS ASEC; the survey's own units are the mode `survey`.
-- The three accounts of who is whose dependant, in one shape, each beside the survey's own. Who
-- files is the survey's word in its own account; in ours, who must: gross income at or above the
-- threshold of the status and age, or self-employment income of 400 dollars.
-- Nuance: gross income leaves Social Security out, and those who file to get money back are not
-- among who must.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('int_tax_unit_base__cps_asec') }}

),

survey as (

    select
        * exclude (filing_status),
        coalesce(filing_status, 'nonfiler') as filing_status
    from {{ ref('int_tax_unit_survey__cps_asec') }}

),

built as (

    select
        units.mode,
        units.dataset_id,
        units.tax_unit_id,
        units.filing_status,
        heads.unit_self_employment_income >= 400
        or heads.unit_gross_income
        >= thresholds.gross_income_threshold
        + thresholds.addition_65_plus * (
            cast(units.age_head >= 65 as integer)
            + coalesce(cast(units.age_spouse >= 65 as integer), 0)
        ) as is_filer

    from {{ ref('int_tax_unit_composition__cps_asec') }} as units
    inner join persons as heads
        on units.dataset_id = heads.dataset_id and units.head_person_id = heads.person_id
    left outer join {{ ref('params_filing') }} as thresholds
        on
            units.income_year = thresholds.calendar_year
            and units.filing_status = thresholds.filing_status

),

accounts as (

    select
        placed.mode,
        placed.dataset_id,
        placed.person_id,
        placed.household_id,
        placed.tax_unit_id,
        placed.tax_unit_role,
        placed.dependency_type,
        built.filing_status,
        built.is_filer

    from {{ ref('int_tax_unit_placement__cps_asec') }} as placed
    inner join built
        on
            placed.mode = built.mode
            and placed.dataset_id = built.dataset_id
            and placed.tax_unit_id = built.tax_unit_id
    union all
    select
        'survey' as mode,  -- the public name -- noqa: RF04
        dataset_id,
        person_id,
        household_id,
        tax_unit_id,
        tax_unit_role,
        cast(null as varchar) as dependency_type,
        filing_status,
        is_filer

    from survey

),

described as (

    select
        accounts.*,
        persons.income_year,
        persons.age,
        weights.person_weight,
        households.design_weight,
        survey.tax_unit_id as survey_tax_unit_id,
        survey.filing_status as survey_filing_status,
        count(*) over our_units as n_members,
        count(*) over their_units as n_survey_members,
        count(*) over both_units as n_shared_members

    from accounts
    inner join persons
        on accounts.dataset_id = persons.dataset_id and accounts.person_id = persons.person_id
    inner join {{ ref('stg_cps_asec__person') }} as weights
        on accounts.dataset_id = weights.dataset_id and accounts.person_id = weights.person_id
    inner join {{ ref('int_household__cps_asec') }} as households
        on
            accounts.dataset_id = households.dataset_id
            and accounts.household_id = households.household_id
    left outer join survey
        on accounts.dataset_id = survey.dataset_id and accounts.person_id = survey.person_id
    window
        our_units as (partition by accounts.mode, accounts.dataset_id, accounts.tax_unit_id),
        their_units as (partition by accounts.mode, accounts.dataset_id, survey.tax_unit_id),
        both_units as (
            partition by
                accounts.mode, accounts.dataset_id, accounts.tax_unit_id, survey.tax_unit_id
        )

)

select
    * exclude (n_members, n_survey_members, n_shared_members),
    n_members = n_survey_members and n_members = n_shared_members as is_same_unit
from described
