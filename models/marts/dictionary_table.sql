-- Grain: one row per public or harmonised table.
-- Written by the project itself: the descriptions of the YAML, with the grain.
-- depends_on: {{ ref('dictionary') }}
with

described as (

    {% for node in graph.nodes.values() if is_described(node) -%}
    {% set meta = node.config.meta or node.meta -%}
    select
        {{ sql_text(node.name) }} as table_name,
        {{ sql_text(meta.grain) }} as grain,
        {{ sql_text(node.description) }} as description
    union all
    {% endfor -%}
    select
        null as table_name,
        null as grain,
        null as description
    where false

)

select * from described
order by table_name
