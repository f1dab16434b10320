-- Every year since 1979 has bend points and a worker to compare, up to the last one announced.
with

years as (

    select unnest(generate_series(1979, max(year))) as year  -- the public name -- noqa: RF04
    from {{ ref('val_oasdi_published') }}

),

compared as (

    select
        year,
        count(*) filter (where item = 'pia_bend_1') as bend_points,
        count(*) filter (where subject = 'worker') as workers

    from {{ ref('val_oasdi_published') }}
    group by year

)

select years.year
from years
left outer join compared on years.year = compared.year
where coalesce(compared.bend_points, 0) = 0 or coalesce(compared.workers, 0) = 0
