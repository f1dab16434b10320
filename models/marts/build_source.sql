-- Grain: one row per raw file that this build read.
-- depends_on: {{ ref('household') }}
-- depends_on: {{ ref('imp_scf') }}
with

files as (

    select * from {{ source('registry', 'file_registry') }}

)

select * from files
order by source, entry
