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

{#- One quantile over another, P90/P10 by default; null where the lower one is not positive. -#}
{% macro percentile_ratio(relation, value, weight, upper=0.9, lower=0.1) -%}
    (
        {{ weighted_quantile(relation, value, weight, upper) }}
        / case
            when {{ weighted_quantile(relation, value, weight, lower) }} > 0
                then {{ weighted_quantile(relation, value, weight, lower) }}
        end
    )
{%- endmacro %}

{#- What the top share holds over what the bottom share holds: Palma's ratio, and S80/S20 with
    `top=0.2, bottom=0.2`; null where the bottom holds nothing or less. -#}
{% macro palma(relation, value, weight, top=0.1, bottom=0.4) -%}
    (
        select
            fsum(least(w, greatest(reached - (1 - {{ top }}) * population, 0)) * x order by x)
            / case when fsum({{ _held_below(bottom) }} order by x) > 0
                then fsum({{ _held_below(bottom) }} order by x)
            end
        from ({{ _weighted_distribution(relation, value, weight) }})
    )
{%- endmacro %}

{#- The part of a value's total that lies in the bottom `share` of the weight. -#}
{% macro _held_below(share) -%}
    least(w, greatest({{ share }} * population - (reached - w), 0)) * x
{%- endmacro %}

{#- Theil's T, the mean of (x/μ) ln(x/μ), where a value of 0 counts 0; an error for negative ones,
    whose logarithm does not exist. -#}
{% macro theil(relation, value, weight) -%}
    (
        select
            fsum(
                w / total * case when x = 0 then 0 else x * ln(x * population / total) end
                order by x
            )
        from ({{ _weighted_distribution(relation, value, weight) }})
    )
{%- endmacro %}

{#- Atkinson's 1 - (mean of (x/μ)^(1-ε))^(1/(1-ε)), and 1 - geometric mean / μ at ε = 1; 1 where a
    value is 0 and ε >= 1. Write greatest(value, 0) where values may be negative. -#}
{% macro atkinson(relation, value, weight, epsilon=0.5) -%}
    (
        select
            {% if epsilon >= 1 -%}
            case when min(x) = 0 then 1 else
            {%- endif %}
            {% if epsilon == 1 -%}
            1 - exp(fsum(w / population * ln(case when x > 0 then x end * population / total)
                order by x))
            {%- else -%}
            1 - power(
                fsum(
                    w / population * power(
                        case when x > 0 or {{ epsilon }} < 1 then x end * population / total,
                        {{ 1 - epsilon }}
                    ) order by x
                ),
                {{ 1 / (1 - epsilon) }}
            )
            {%- endif %}
            {% if epsilon >= 1 %}end{% endif %}
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
