{#- The share of the initial weight that knows each attribute of one kind of unit. -#}
{% macro unit_known_share(entity) -%}
    (
        select
            '{{ entity }}' as entity,
            attribute,
            known_share
        from (
            select
                fsum(
                    case
                        when columns(units.* exclude (unit_id, household_id)) is not null
                            then households.initial_weight
                        else 0
                    end
                ) / fsum(households.initial_weight)
            from {{ ref('cal_unit_' ~ entity) }} as units
            inner join {{ ref('cal_household_index') }} as households
                on units.household_id = households.household_id
        ) unpivot (known_share for attribute in (columns(*)))
    )
{%- endmacro %}
