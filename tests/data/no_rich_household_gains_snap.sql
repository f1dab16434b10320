{{ config(
    meta={"description": "Of households with over half a million, no more have SNAP in the copies drawn anew than the survey says."}
) }}

with

counted as (

    select
        copy_id > 0 as is_anew,
        coalesce(
            fsum(design_weight order by household_id) filter (where snap_reported > 0), 0
        )
        / fsum(design_weight order by household_id) as snap_share

    from {{ ref('ext_household') }}
    where household_money_income > 500000
    group by copy_id > 0

)

select
    anew.snap_share,
    reported.snap_share as reported_share

from counted as anew
left outer join counted as reported on not reported.is_anew
where anew.is_anew and anew.snap_share > coalesce(reported.snap_share, 0)
