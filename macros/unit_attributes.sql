{#- One kind of unit: what targets may ask of it, and every other column of the Extended file or of
    the rules that some target mentions. -#}
{% macro unit_attributes(entity) -%}
    {%- set further = further_attributes(entity) -%}
    {%- if further -%}
        (
            select
                units.*
                {%- for relation, names in further -%}
                    {%- set place = loop.index -%}
                    {%- for name in names %}, further_{{ place }}.{{ name }}{% endfor -%}
                {%- endfor %}
            from {{ ref('cal_unit_' ~ entity) }} as units
            {%- for relation, _ in further %}
            inner join {{ relation }} as further_{{ loop.index }}
                on units.unit_id = further_{{ loop.index }}.{{ entity }}_id
            {%- endfor %}
        )
    {%- else -%}
        {{ ref('cal_unit_' ~ entity) }}
    {%- endif -%}
{%- endmacro %}


{#- Pairs of a relation and those of its columns that some target mentions and `cal_unit_<entity>`
    does not carry. -#}
{% macro further_attributes(entity) -%}
    {%- set carried, constraints, definitions = (
        ref('cal_unit_' ~ entity), ref('tgt_constraint'), ref('tgt_definition')
    ) -%}
    {%- set relations = [ref('ext_' ~ entity)] -%}
    {%- if entity == 'tax_unit' -%}{%- do relations.append(ref('rul_tax_unit')) -%}{%- endif -%}
    {%- set further = [] -%}
    {%- if execute -%}
        {%- set mentioned = run_query(
            "select variable from " ~ constraints ~ " union select unit_column from " ~ definitions
        ).columns[0].values() | list -%}
        {%- set taken = adapter.get_columns_in_relation(carried) | map(attribute='name') | list -%}
        {%- for relation in relations -%}
            {%- set names = [] -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}
                {%- if column.name in mentioned and column.name not in taken -%}
                    {%- do names.append(column.name) -%}
                    {%- do taken.append(column.name) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- if names -%}{%- do further.append([relation, names]) -%}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(further) }}
{%- endmacro %}
