{#- Rows of which the expression is false. Where it is null, nothing is known to be wrong. -#}
{% test holds(model, expression) %}

    select *
    from {{ model }}
    where not ({{ expression }})

{% endtest %}
