{#- Who reads whom on the ways into a model, by dbt's own graph: a list of `node`, `parent`, and the
    kind and file of both. A raw table has the name `source.table`, and no file of the checkout. -#}
{% macro edges_on_the_way(model) -%}
    {%- set edges, way = [], ['model.steelyard.' ~ model] -%}
    {%- if execute -%}
        {%- for name in way if name in graph.nodes -%}
            {%- set node = graph.nodes[name] -%}
            {%- for parent_name in node.depends_on.nodes -%}
                {%- if parent_name not in way -%}{%- do way.append(parent_name) -%}{%- endif -%}
                {%- set is_raw = parent_name in graph.get('sources', {}) -%}
                {%- set parent = (graph.sources if is_raw else graph.nodes)[parent_name] -%}
                {%- do edges.append({
                    'node': node.name,
                    'node_kind': node.resource_type,
                    'node_file': node.original_file_path,
                    'parent': parent.source_name ~ '.' ~ parent.name if is_raw else parent.name,
                    'parent_kind': parent.resource_type,
                    'parent_file': '' if is_raw else parent.original_file_path,
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(edges) }}
{%- endmacro %}
