{#- Persons who point at somebody who does not point back, is of another household, or is
    themselves. -#}
{% test symmetric_pointer(model, column_name, key) %}

    select pointing.*
    from {{ model }} as pointing
    left outer join {{ model }} as pointed
        on
            pointing.dataset_id = pointed.dataset_id
            and pointing.household_id = pointed.household_id
            and pointing.{{ column_name }} = pointed.{{ key }}
            and pointing.{{ key }} = pointed.{{ column_name }}
            and pointing.{{ key }} <> pointed.{{ key }}
    where
        pointing.{{ column_name }} is not null
        and pointed.{{ key }} is null

{% endtest %}
