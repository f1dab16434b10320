{#- Stops a build whose `var('holdout')` is none of `family: PATH`, `state: FIPS`, `fold: K` of
    five, and `single: SHARE`. -#}
{% macro refuse_unknown_holdout() -%}
    {%- set chosen = var('holdout') or {} -%}
    {%- if execute -%}
        {%- if chosen is not mapping or chosen | length > 1
            or chosen.keys() | reject('in', ['family', 'fold', 'single', 'state']) | list -%}
            {{ exceptions.raise_compiler_error(
                "holdout: " ~ chosen ~ " is no hold-out; give nothing, or one of "
                ~ "{family: irs_soi/publication_1304_table_2_5}, {state: '06'}, {fold: 3}, "
                ~ "{single: 0.1}"
            ) }}
        {%- endif -%}
        {%- for kind, value in chosen.items()
            if kind == 'family' and value is not string
            or kind == 'fold' and value not in [1, 2, 3, 4, 5]
            or kind == 'single' and not (value is number and 0 < value < 1)
            or kind == 'state' and not (value is string and value | length == 2) -%}
            {{ exceptions.raise_compiler_error(
                "holdout: " ~ kind ~ " cannot be " ~ value ~ "; a family is a path under "
                ~ "seeds/facts, a fold 1 to 5, a single share between 0 and 1, a state two digits as text ('06')"
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
