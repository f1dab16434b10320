-- Grain: one row per raw file that the release is made from.
-- What a build reads beside that is left out: nothing of it is released.
-- depends_on: {{ ref('household') }}
-- depends_on: {{ ref('imp_scf') }}
{%- if target.name != 'tax_units' %}
-- depends_on: {{ ref('stg_cps_asec__person_replicate') }}
{%- endif %}
with

files as (

    select * from {{ source('registry', 'file_registry') }}
    where
        split_part(source, '.', 2) || '.' || split_part(source, '.', 3)
        in ({{ "'" ~ released_sources() | join("', '") ~ "'" }})

)

select * from files
order by source, entry
