{#- Source tables, `source.table`, on some way into a model, by dbt's own graph. -#}
{% macro sources_on_the_way(model) -%}
    {%- set names, way = [], ['model.steelyard.' ~ model] -%}
    {%- if execute -%}
        {%- for name in way -%}
            {%- if name in graph.get('sources', {}) -%}
                {%- set found = graph.sources[name] -%}
                {%- do names.append(found.source_name ~ '.' ~ found.name) -%}
            {%- elif name in graph.nodes -%}
                {%- for parent in graph.nodes[name].depends_on.nodes if parent not in way -%}
                    {%- do way.append(parent) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names | sort) }}
{%- endmacro %}
