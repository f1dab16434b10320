-- Grain: one row per node on the way into a released table and node or raw table that it reads.
-- Written by the project itself, from dbt's own graph: who reads whom.
with

edges as (

    {% for edge in edges_on_the_way('release_table') -%}
    select
        {{ sql_text(edge.node) }} as node,
        {{ sql_text(edge.node_kind) }} as node_kind,
        {{ sql_text(edge.node_file) }} as node_file,
        {{ sql_text(edge.parent) }} as parent,
        {{ sql_text(edge.parent_kind) }} as parent_kind,
        {{ sql_text(edge.parent_file) }} as parent_file
    union all
    {% endfor -%}
    select
        null as node,
        null as node_kind,
        null as node_file,
        null as parent,
        null as parent_kind,
        null as parent_file
    where false

)

select * from edges
order by node, parent
