-- Grain: one row per imputation, year and person of the aged panel who is alive at its end.
-- A view over the panel's files: nothing is copied, and a question about one year reads one year.
{{ config(materialized='view') }}
with

persons as (

    select * from {{ panel_rows('person.parquet', {
        'person_id': 'bigint', 'source_person_id': 'bigint', 'unit_id': 'bigint',
        'birth_month': 'bigint', 'is_female': 'boolean', 'education': 'tinyint',
        'marital': 'tinyint', 'spouse_id': 'bigint', 'mother_id': 'bigint',
        'children_born': 'smallint', 'entry_year': 'smallint', 'entered_as': 'tinyint',
        'worked': 'boolean', 'rank': 'float', 'earnings': 'double',
        'lifetime_earnings': 'double', 'covered_years': 'smallint', 'claim_month': 'bigint',
        'widow_claim_month': 'bigint', 'onset_month': 'bigint', 'recovery_month': 'bigint',
        'base_weight': 'double', 'weight': 'double',
    }) }}

),

dated as (

    select
        *,
        {{ known_month('claim_month') }} as claim,
        {{ known_month('widow_claim_month') }} as widow_claim,
        {{ known_month('onset_month') }} as onset,
        {{ known_month('recovery_month') }} as recovery

    from persons

),

described as (

    select
        imputation,
        year as panel_year,
        person_id,
        nullif(source_person_id, -1) as source_person_id,
        unit_id,
        nullif(spouse_id, -1) as spouse_person_id,
        nullif(mother_id, -1) as mother_person_id,
        cast(birth_month // 12 as integer) as birth_year,
        cast(birth_month % 12 + 1 as integer) as birth_month,
        cast(year - birth_month // 12 as integer) as age,
        is_female,
        ['lt_hs', 'hs', 'some_college', 'ba', 'grad'][education + 1] as education,
        ['single', 'married', 'widowed', 'divorced'][marital + 1] as marital_status,
        cast(children_born as integer) as children_born_count,
        cast(entry_year as integer) as entry_year,
        ['base', 'birth', 'immigration'][entered_as + 1] as entered_as,
        worked as has_worked,
        case when worked then cast(rank as double) end as earnings_rank,
        earnings,
        lifetime_earnings,
        cast(covered_years as integer) as covered_year_count,
        cast(claim // 12 as integer) as claim_year,
        cast(claim % 12 + 1 as integer) as claim_month,
        cast(widow_claim // 12 as integer) as widow_claim_year,
        cast(widow_claim % 12 + 1 as integer) as widow_claim_month,
        cast(onset // 12 as integer) as onset_year,
        cast(onset % 12 + 1 as integer) as onset_month,
        cast(recovery // 12 as integer) as recovery_year,
        cast(recovery % 12 + 1 as integer) as recovery_month,
        base_weight,
        weight as panel_weight

    from dated

)

select * from described
