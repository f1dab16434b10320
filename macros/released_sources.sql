{#- Source tables, `source.table`, that the release is made from: all that lie on a way into it.
    What a build reads beside that (a panel given out on registration, say) is not among them.
    One that may be read only after the list of files is made would be missed there, and whether
    it may be released would not be asked: that stops the build. -#}
{% macro released_sources() -%}
    {%- set released = sources_on_the_way('release_file') -%}
    {%- set listed = sources_on_the_way('build_source') -%}
    {%- for name in released if name not in listed and not name.startswith(('facts.', 'registry.')) -%}
        {{ exceptions.raise_compiler_error(
            'build_source: the source ' ~ name ~ ' is on a way into the release, and may be read '
            ~ 'only after the list of its files is made. Let models/marts/build_source.sql depend '
            ~ 'on the model that stages it, as it does on others.'
        ) }}
    {%- endfor -%}
    {{ return(released) }}
{%- endmacro %}
