-- Surveys with records of a harmonised table, and no line of a variable crosswalk for it.
select distinct
    availability.table_name,
    availability.survey,
    'write seeds/xwalks/xwalk_' || availability.survey || '_variable.csv' as remedy
from {{ ref('dictionary_availability') }} as availability
left outer join {{ ref('dictionary_source') }} as sources
    on availability.table_name = sources.table_name and availability.survey = sources.survey
where sources.survey is null
