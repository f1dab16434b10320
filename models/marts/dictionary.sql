-- Grain: one row per column of a public table.
-- Written by the project itself: the descriptions of the YAML, with unit and type.
-- depends_on: {{ ref('household') }} {{ ref('person') }} {{ ref('family') }}
-- depends_on: {{ ref('spm_unit') }} {{ ref('tax_unit') }} {{ ref('target') }}
{%- set public = ['marts', 'validation'] %}
with

described as (

    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.fqn[1] in public -%}
    {% for column in node.columns.values() -%}
    select
        '{{ node.name }}' as table_name,
        {{ loop.index }} as position,  -- the public name -- noqa: RF04
        '{{ column.name }}' as column_name,
        '{{ column.data_type or '' }}' as data_type,
        '{{ (column.config.meta.unit or column.meta.unit or '') }}' as unit,
        '{{ column.description | trim | replace("'", "''") | replace("\n", " ") }}' as description
    union all
    {% endfor -%}
    {% endfor -%}
    select
        null as table_name,
        null as position,  -- the public name -- noqa: RF04
        null as column_name,
        null as data_type,
        null as unit,
        null as description
    where false

)

select * from described
order by table_name, position
