{#- The share of the initial weight that knows each attribute of one kind of unit. Weights are
    summed as millionths of a household: exact, in whatever order units come. -#}
{% macro unit_known_share(entity) -%}
    (
        select
            '{{ entity }}' as entity,
            attribute,
            known_share
        from (
            select
                cast(sum(cast(
                    case
                        when columns(units.* exclude (unit_id, household_id)) is not null
                            then households.initial_weight
                        else 0
                    end
                    as decimal(18, 6)
                )) as double)
                / cast(sum(cast(households.initial_weight as decimal(18, 6))) as double)
            from {{ unit_attributes(entity) }} as units
            inner join {{ ref('cal_household_index') }} as households
                on units.household_id = households.household_id
        ) unpivot (known_share for attribute in (columns(*)))
    )
{%- endmacro %}
