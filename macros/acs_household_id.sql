{#- Number of a housing unit or of a resident of group quarters, from the ACS's serial number:
    2022HU0001234 is 202210001234, 2022GQ0001234 is 202220001234; plain digits stay. -#}
{% macro acs_household_id(column) -%}
    cast(replace(replace({{ column }}, 'HU', '1'), 'GQ', '2') as bigint)
{%- endmacro %}
{#- Number of a person, from the serial number and the person's place in the unit. -#}
{% macro acs_person_id(column, order_column) -%}
    {{ acs_household_id(column) }} * 100 + cast({{ order_column }} as bigint)
{%- endmacro %}
{#- The full-sample weight and its 80 replicates, as numbers; names are the file's, counted. -#}
{% macro acs_replicate_weights(column) -%}
    cast({{ column }} as double) as replicate_weight_000
    {%- for replicate in range(1, 81) %},
        cast({{ column }}{{ replicate }} as double)
            as replicate_weight_{{ '%03d' | format(replicate) }}
    {%- endfor %}
{%- endmacro %}
