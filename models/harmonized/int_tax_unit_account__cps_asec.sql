-- Grain: one row per mode and person of the CPS ASEC; the survey's own units are the mode `survey`.
-- The three accounts of who is whose dependant, in one shape, each beside the survey's own. Who
-- files is the survey's word in its own account, and who must in ours.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('int_tax_unit_base__cps_asec') }}

),

survey as (

    select * from {{ ref('int_tax_unit_survey__cps_asec') }}

),

built as (

    select * from {{ ref('int_tax_unit_filer__cps_asec') }}

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

paired as (

    select
        accounts.*,
        survey.tax_unit_id as survey_tax_unit_id,
        survey.filing_status as survey_filing_status

    from accounts
    left outer join survey
        on accounts.dataset_id = survey.dataset_id and accounts.person_id = survey.person_id

),

survey_sizes as (

    select
        dataset_id,
        tax_unit_id,
        count(*) as n_members

    from survey
    group by dataset_id, tax_unit_id

),

units as (

    select
        mode,
        dataset_id,
        tax_unit_id,
        count(*) as n_members,
        count(survey_tax_unit_id) as n_survey_members,
        min(survey_tax_unit_id) as first_survey_unit_id,
        max(survey_tax_unit_id) as last_survey_unit_id

    from paired
    group by mode, dataset_id, tax_unit_id

),

same_units as (

    select
        units.mode,
        units.dataset_id,
        units.tax_unit_id

    from units
    inner join survey_sizes
        on
            units.dataset_id = survey_sizes.dataset_id
            and units.first_survey_unit_id = survey_sizes.tax_unit_id
    where
        units.first_survey_unit_id = units.last_survey_unit_id
        and units.n_members = units.n_survey_members
        and units.n_members = survey_sizes.n_members

),

described as (

    select
        paired.*,
        persons.income_year,
        persons.age,
        persons.person_weight,
        households.design_weight,
        same_units.tax_unit_id is not null as is_same_unit

    from paired
    inner join persons
        on paired.dataset_id = persons.dataset_id and paired.person_id = persons.person_id
    inner join {{ ref('int_household__cps_asec') }} as households
        on
            paired.dataset_id = households.dataset_id
            and paired.household_id = households.household_id
    left outer join same_units
        on
            paired.mode = same_units.mode
            and paired.dataset_id = same_units.dataset_id
            and paired.tax_unit_id = same_units.tax_unit_id

)

select * from described
