-- Grain: one row per person of the CPS ASEC who has a tax unit in the file.
-- The Census Bureau's own tax units: a dependant is who has a claimant, a head the reference
-- person, else the older, else the lower line. The status of a unit is that of its head.
-- Nuance: the Bureau splits married couples who need not file into two units of one.
{{ config(enabled=target.name != 'tax_units') }}
with

persons as (

    select * from {{ ref('stg_cps_asec__person') }}

),

described as (

    select
        persons.dataset_id,
        persons.person_id,
        persons.household_id,
        persons.survey_tax_unit_id as tax_unit_id,
        persons.age,
        persons.line_number,
        persons.claimant_line_number is not null as is_dependent,
        coalesce(relationships.relationship = 'reference_person', false) as is_reference_person,
        statuses.filing_status,
        statuses.is_filer

    from persons
    left outer join {{ ref('codes_cps_relationship') }} as relationships
        on persons.relationship_code = relationships.code
    left outer join {{ ref('codes_cps_tax_filing_status') }} as statuses
        on persons.survey_filing_status_code = statuses.code
    where persons.survey_tax_unit_id is not null

),

headed as (

    select
        dataset_id,
        person_id,
        household_id,
        tax_unit_id,
        case
            when is_dependent then 'dependent'
            when row_number() over head_first = 1 then 'head'
            else 'spouse'
        end as tax_unit_role,
        first_value(filing_status) over head_first as filing_status,
        first_value(is_filer) over head_first as is_filer,
        is_dependent and is_filer as is_dependent_filer

    from described
    window head_first as (
        partition by dataset_id, tax_unit_id
        order by
            is_dependent asc,
            is_reference_person desc,
            age desc,
            line_number asc
    )

)

select * from headed
