{#- Weighted statistics as scalar subqueries: the SQL twins of `steelyard.validate`, equal to its
    functions to 1e-12. `relation` is a table, or a subquery in brackets; rows with a weight of
    zero or null count for nothing, and null values are left out. -#}

{#- Distinct values, their weight, and the weight up to and including each. -#}
{% macro _weighted_distribution(relation, value, weight) -%}
    select
        x,
        w,
        fsum(w) over (order by x rows unbounded preceding) as reached,
        fsum(w) over () as population,
        fsum(w * x) over (order by x rows unbounded preceding) as held,
        fsum(w * x) over () as total,
        lead(x) over (order by x) as next_x
    from (
        select cast({{ value }} as double) as x, fsum({{ weight }} order by {{ weight }}) as w
        from {{ relation }}
        where {{ weight }} > 0 and {{ value }} is not null
        group by 1
    )
{%- endmacro %}

{#- The smallest value with at least `share` of the weight up to it; the mean with the next value
    where exactly that share is reached. -#}
{% macro weighted_quantile(relation, value, weight, share) -%}
    (
        select
            case
                when {{ share }} <= 1e-12 then min(x)
                else
                    arg_min(
                        case
                            when abs(reached / population - {{ share }}) <= 1e-12
                                then (x + coalesce(next_x, x)) / 2
                            else x
                        end,
                        x
                    ) filter (where reached / population >= {{ share }} - 1e-12)
            end
        from ({{ _weighted_distribution(relation, value, weight) }})
    )
{%- endmacro %}

{#- 1 - Σ (p_k - p_{k-1})(L_k + L_{k-1}); write greatest(value, 0) for the bottom-coded one. -#}
{% macro gini(relation, value, weight) -%}
    (
        select 1 - fsum(w / population * (2 * held - w * x) / total order by x)
        from ({{ _weighted_distribution(relation, value, weight) }})
    )
{%- endmacro %}

{#- The part of the total that the top `share` of the weight holds; the Lorenz curve is read along
    straight lines. -#}
{% macro top_share(relation, value, weight, share) -%}
    (
        select
            fsum(
                least(w, greatest(reached - (1 - {{ share }}) * population, 0)) * x / total
                order by x
            )
        from ({{ _weighted_distribution(relation, value, weight) }})
    )
{%- endmacro %}

{#- Foster, Greer and Thorbecke's Σ w ((z - y)/z)^α 1{y < z} / W; α = 0 counts the poor. -#}
{% macro poverty_rate(relation, value, weight, line, alpha=0) -%}
    (
        select
            coalesce(
                fsum(
                    {{ weight }} * power(({{ line }} - {{ value }}) / {{ line }}, {{ alpha }})
                    order by {{ weight }}, {{ value }}
                ) filter (where {{ value }} < {{ line }}), 0
            )
            / fsum({{ weight }} order by {{ weight }})
        from {{ relation }}
        where {{ value }} is not null and {{ line }} is not null
    )
{%- endmacro %}

{#- Kish's (Σ w)² / Σ w². -#}
{% macro effective_sample_size(relation, weight) -%}
    (
        select
            power(fsum({{ weight }} order by {{ weight }}), 2)
            / fsum({{ weight }} * {{ weight }} order by {{ weight }})
        from {{ relation }}
    )
{%- endmacro %}
