{{ config(meta={"description": "Exactly one dataset is completed and weighed."}) }}

select count(*) filter (where is_base) as bases_found
from {{ ref('int_dataset') }}
having bases_found <> 1
