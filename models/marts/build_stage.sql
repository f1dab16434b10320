-- Grain: one row per node of the build that was run, and one for all tests together.
-- What each took, the last time that it was run. The nodes after this one, which write the release,
-- are not among them. Not part of what a release is named by: no two builds take the same time.
-- depends_on: {{ ref('release_table') }}
with

nodes as (

    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot') -%}
    {% set is_model = node.resource_type == 'model' -%}
    select
        {{ sql_text(node.unique_id) }} as unique_id,
        {{ sql_text(node.name) }} as stage,
        {{ sql_text(node.resource_type) }} as kind,
        {{ sql_text(node.fqn[1] if is_model else node.resource_type ~ 's') }} as layer
    union all
    {% endfor -%}
    select
        null as unique_id,
        null as stage,  -- the public name -- noqa: RF04
        null as kind,
        null as layer
    where false

),

runs as (

    select * from {{ source('registry', 'stage_registry') }}
    where status in ('success', 'pass', 'warn', 'fail')

),

relations as (

    select
        table_name,
        estimated_size as row_count,
        column_count
    from duckdb_tables()
    where
        database_name in (current_database(), 'history')
        and schema_name = '{{ target.schema }}'

),

of_nodes as (

    select
        nodes.stage,
        nodes.kind,
        nodes.layer,
        1 as node_count,
        runs.seconds,
        runs.peak_bytes,
        runs.grown_bytes,
        relations.row_count,
        relations.column_count,
        runs.is_remembered,
        runs.is_of_this_run,
        cast(runs.started_at as timestamptz) as started_at

    from nodes
    inner join runs on nodes.unique_id = runs.name
    left outer join relations on nodes.stage = relations.table_name

),

of_tests as (

    select
        'tests' as stage,  -- the public name -- noqa: RF04
        'test' as kind,
        'tests' as layer,
        count(*) as node_count,
        fsum(seconds order by name) as seconds,
        max(peak_bytes) as peak_bytes,
        max(grown_bytes) as grown_bytes,
        cast(null as bigint) as row_count,
        cast(null as bigint) as column_count,
        false as is_remembered,
        bool_and(is_of_this_run) as is_of_this_run,
        min(cast(started_at as timestamptz)) as started_at

    from runs
    where kind in ('test', 'unit_test')
    having count(*) > 0

),

combined as (

    select * from of_nodes
    union all by name
    select * from of_tests

)

select
    stage,
    kind,
    layer,
    cast(node_count as bigint) as node_count,
    cast(seconds as double) as seconds,
    cast(peak_bytes as bigint) as peak_bytes,
    cast(grown_bytes as bigint) as grown_bytes,
    cast(row_count as bigint) as row_count,
    cast(column_count as bigint) as column_count,
    is_remembered,
    is_of_this_run,
    strftime(started_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') as started_at
from combined
order by stage
