-- Grain: one row per mode and person of the CPS ASEC who is claimed as a dependant.
-- Of several possible claimants one whom nobody claims comes first (who is claimed cannot claim),
-- then the parent named first if the mode prefers that, then the larger income, then the older
-- head, then the lower line number.
-- Nuance: whether a person is claimed does not hang on by whom, so no loop over persons is needed.
{{ config(enabled=target.name != 'tax_units') }}
with

links as (

    select * from {{ ref('int_tax_unit_link__cps_asec') }}

),

claimed as (

    select distinct
        mode,
        dataset_id,
        person_id
    from links

),

claims as (

    select
        links.mode,
        links.dataset_id,
        links.person_id,
        links.claimant_person_id,
        links.dependency_type,
        links.is_related

    from links
    left outer join claimed
        on
            links.mode = claimed.mode
            and links.dataset_id = claimed.dataset_id
            and links.claimant_person_id = claimed.person_id

    qualify row_number() over (
        partition by links.mode, links.dataset_id, links.person_id
        order by
            claimed.person_id is not null asc,
            links.preference_rank asc,
            links.claimant_income desc,
            links.head_age desc,
            links.head_line_number asc,
            links.line_number asc
    ) = 1

)

select * from claims
