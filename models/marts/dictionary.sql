-- Grain: one row per column of a public or a harmonised table.
-- Written by the project itself: the descriptions of the YAML, with unit, universe, codes and type.
-- A public table's column that says neither universe nor codes takes them from the harmonised
-- column of the same name; where that says none, the table's universe holds.
with

described as (

    {% for node in graph.nodes.values() if is_described(node) -%}
    {% set about = node.config.meta or node.meta -%}
    {% for column in node.columns.values() -%}
    {% set meta = column.config.meta or column.meta -%}
    select
        '{{ node.fqn[1] }}' as layer,
        {{ sql_text(node.name) }} as table_name,
        {{ loop.index }} as position,  -- the public name -- noqa: RF04
        {{ sql_text(column.name) }} as column_name,
        {{ sql_text(column.data_type) }} as data_type,
        {{ sql_text(meta.theme) }} as theme,
        {{ sql_text(meta.unit) }} as unit,
        {{ sql_text(meta.universe) }} as universe,
        {{ sql_text(about.universe) }} as table_universe,
        {{ sql_text(meta.get('values', []) | join(', ')) }} as codes,
        {{ sql_text(column.description) }} as description
    union all
    {% endfor -%}
    {% endfor -%}
    select
        null as layer,
        null as table_name,
        null as position,  -- the public name -- noqa: RF04
        null as column_name,
        null as data_type,
        null as theme,
        null as unit,
        null as universe,
        null as table_universe,
        null as codes,
        null as description
    where false

),

inherited as (

    select
        described.layer,
        described.table_name,
        described.position,
        described.column_name,
        described.data_type,
        coalesce(nullif(described.theme, ''), harmonized.theme, '') as theme,
        described.unit,
        coalesce(
            nullif(described.universe, ''),
            nullif(harmonized.universe, ''),
            nullif(described.table_universe, ''),
            harmonized.table_universe,
            ''
        ) as universe,
        coalesce(nullif(described.codes, ''), harmonized.codes, '') as codes,
        described.description

    from described
    left outer join described as harmonized
        on
            described.layer = 'marts'
            and 'int_' || described.table_name = harmonized.table_name
            and described.column_name = harmonized.column_name

)

select * from inherited
order by table_name, position
