{#- The 160 replicate weights of the ASEC, cast and numbered with three digits. -#}
{% macro asec_replicate_weights() -%}
    {%- for replicate in range(1, 161) -%}
        cast(pwwgt{{ replicate }} as double) as replicate_weight_{{ '%03d' % replicate }}
        {{- ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
