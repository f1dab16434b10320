-- Vintages of which two lines of a variable crosswalk speak.
select
    earlier.table_name,
    earlier.column_name,
    earlier.survey,
    later.first_vintage as from_vintage
from {{ ref('dictionary_source') }} as earlier
inner join {{ ref('dictionary_source') }} as later
    on
        earlier.table_name = later.table_name
        and earlier.column_name = later.column_name
        and earlier.survey = later.survey
        and coalesce(earlier.first_vintage, 0) < coalesce(later.first_vintage, 0)
where coalesce(earlier.last_vintage >= later.first_vintage, true)
