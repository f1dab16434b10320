{#- Source tables, `source.table`, that the release is made from: all that lie on a way into it.
    What a build reads beside that (a panel given out on registration, say) is not among them. -#}
{% macro released_sources() -%}
    {%- set names, way = [], ['model.steelyard.release_file'] -%}
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
