{#- Every attribute of one kind of unit in long form, cast to one type; nulls are left out. -#}
{% macro unit_long(entity, data_type) -%}
    (
        select
            '{{ entity }}' as entity,
            unit_id,
            attribute,
            attribute_value
        from (
            select
                unit_id,
                household_id,
                try_cast(columns(* exclude (unit_id, household_id)) as {{ data_type }})
            from {{ unit_attributes(entity) }}
        ) unpivot (
            attribute_value for attribute in (columns(* exclude (unit_id, household_id)))
        )
    )
{%- endmacro %}
