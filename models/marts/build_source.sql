-- Grain: one row per raw file that this build read.
-- depends_on: {{ ref('household') }}
-- depends_on: {{ ref('imp_scf') }}
{%- if target.name != 'tax_units' %}
-- depends_on: {{ ref('stg_cps_asec__person_replicate') }}
{%- endif %}
with

files as (

    select * from {{ source('registry', 'file_registry') }}

)

select * from files
order by source, entry
