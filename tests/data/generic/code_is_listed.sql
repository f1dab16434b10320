{#- Codes of a column that the list does not have: which, in which dataset, how often, and the key
    of a record that has it. Null, and what `not_asked` names, is no code. -#}
{% test code_is_listed(model, column_name, codes, key, not_asked=['null']) %}

    select
        records.dataset_id,
        '{{ column_name }}' as column_name,
        records.{{ column_name }} as code,
        count(*) as record_count,
        min(records.{{ key }}) as first_{{ key }}

    from {{ model }} as records
    left outer join (select distinct code from {{ codes }}) as listed
        on records.{{ column_name }} = listed.code

    where
        records.{{ column_name }} is not null
        and listed.code is null
        and coalesce(records.{{ column_name }} not in ({{ not_asked | join(', ') }}), true)

    group by records.dataset_id, records.{{ column_name }}

{% endtest %}
