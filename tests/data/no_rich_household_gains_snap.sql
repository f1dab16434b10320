{{ config(
    meta={"description": "Of households with over half a million, no more have SNAP in copy 1 than the survey says."}
) }}

with

counted as (

    select
        copy_id,
        coalesce(
            fsum(design_weight order by household_id) filter (where snap_reported > 0), 0
        )
        / fsum(design_weight order by household_id) as snap_share

    from {{ ref('ext_household') }}
    where household_money_income > 500000
    group by copy_id

)

select
    anew.snap_share,
    reported.snap_share as reported_share

from counted as anew
left outer join counted as reported on reported.copy_id = 0
where anew.copy_id = 1 and anew.snap_share > coalesce(reported.snap_share, 0)
