{#- Whether the dictionary describes a node: public tables, and the harmonised ones that hold all
    surveys. Steps on the way to these have no contract. -#}
{% macro is_described(node) -%}
    {{ return(
        node.resource_type == 'model'
        and (
            node.fqn[1] in ('marts', 'validation')
            or (node.fqn[1] == 'harmonized' and node.config.contract.enforced)
        )
    ) }}
{%- endmacro %}
{#- What DuckDB says of a column: meaning, unit, universe, codes. dbt-duckdb's own says the meaning
    alone; dbt looks for this name here first. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) -%}
    {%- set there = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- set of_table = (model.config.meta or model.meta).universe -%}
    {%- for name, column in column_dict.items() if name in there -%}
        {%- set meta = column.config.meta or column.meta -%}
        {%- set universe = meta.universe or of_table -%}
        {%- set words = [column.description | trim | trim('.')] -%}
        {%- if meta.unit -%}{%- do words.append('Unit: ' ~ meta.unit) -%}{%- endif -%}
        {%- if universe -%}{%- do words.append('Universe: ' ~ universe) -%}{%- endif -%}
        {%- if 'values' in meta -%}
            {%- do words.append('Codes: ' ~ meta['values'] | join(', ')) -%}
        {%- endif %}
        comment on column {{ relation }}.{{ adapter.quote(name) }}
        is {{ duckdb_escape_comment(words | join('. ') ~ '.') }};
    {%- endfor -%}
{%- endmacro %}
{#- Words of the YAML as a text of SQL; none is an empty text. -#}
{% macro sql_text(words) -%}
    '{{ (words or '') | trim | replace("'", "''") | replace("\n", " ") }}'
{%- endmacro %}
