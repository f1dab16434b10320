{#- The folder of the panel that is read, `panels/<target>/<panel>`; nothing where there is none. -#}
{% macro panel_folder() -%}
    {%- set home = 'panels/' ~ target.name -%}
    {%- if execute and var('panel') -%}
        {%- set manifest = home ~ '/' ~ var('panel') ~ '/manifest.json' -%}
        {%- set said = run_query(
            "select json_extract_string(content, '$.panel') from read_text('" ~ manifest ~ "')"
        ).rows -%}
        {%- if said -%}
            {{ home }}/{{ said[0][0] }}
        {%- elif var('panel') != 'latest' -%}
            {{ exceptions.raise_compiler_error(
                "panel: there is no " ~ manifest ~ "; give the name of a folder of " ~ home
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
{#- The rows of a file of the panel, of all folders that `keys` name; none without a panel. -#}
{% macro panel_rows(file, columns, keys=('imputation', 'year')) -%}
    {%- set hive = {} -%}
    {%- set path = [panel_folder()] -%}
    {%- for key in keys -%}
        {%- do hive.update({key: 'integer'}) -%}
        {%- do path.append(key ~ '=*') -%}
    {%- endfor -%}
    {%- set files = (path + [file]) | join('/') -%}
    {%- if path[0] and run_query("from glob('" ~ files ~ "') limit 1").rows -%}
        (
            select "{{ (keys | list + columns | list) | join('", "') }}"
            from {{ 'read_json' if file.endswith('json') else 'read_parquet' }}(
                '{{ files }}'
                {%- if keys %}, hive_partitioning = true, hive_types = {{ hive }}{% endif %}
                {%- if file.endswith('json') %}, columns = {{ columns }}{% endif %}
            )
        )
    {%- else -%}
        {#- Its columns, in their types. -#}
        {%- set typed = [] -%}
        {%- for name, kind in hive.items() | list + columns.items() | list -%}
            {%- do typed.append('"' ~ name ~ '" ' ~ kind) -%}
        {%- endfor -%}
        (select unnest(cast(null as struct({{ typed | join(', ') }}))) where false)
    {%- endif -%}
{%- endmacro %}
{#- A month of the panel, 12 * year + month - 1; null for what never happens. -#}
{% macro known_month(column) -%}
    nullif({{ column }}, 2147483648)
{%- endmacro %}
