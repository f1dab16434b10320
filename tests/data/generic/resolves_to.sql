{#- References, made of several columns, that lead to no row of the other relation.
    A reference with a null in it leads nowhere by intent and is not looked at. -#}
{% test resolves_to(model, columns, to, to_columns) %}

    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ columns | join(' is not null and ') }} is not null

    except

    select {{ to_columns | join(', ') }}
    from {{ to }}

{% endtest %}
