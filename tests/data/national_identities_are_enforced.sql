{{ config(
    meta={"description": "The nation's bands, statuses and ages are enforced wherever they are complete."}
) }}

with

identities as (

    select
        axis,
        count(*) filter (where is_enforced) as enforced_count,
        count(*) filter (where unenforced_reason = 'too far apart to be figures of one thing')
            as contradicted_count

    from {{ ref('val_target_consistency') }}
    where is_national
    group by axis

),

expected as (

    select
        unnest(
            ['adjusted_gross_income', 'age', 'eitc_children', 'filing_status', 'sex', 'variable']
        ) as axis

)

select expected.axis
from expected
left outer join identities on expected.axis = identities.axis
where coalesce(identities.enforced_count, 0) = 0 or identities.contradicted_count > 0
