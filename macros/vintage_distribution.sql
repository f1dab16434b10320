{#- The weighted distribution of every column of households and persons of some kinds: one row a
    table, column, dataset and value, which is cast to a type. Weights are summed as decimals, exact
    in whatever order rows come. Each column is scanned once; only distinct values come back. -#}
{% macro vintage_distribution(kinds, data_type) -%}
    (
        {%- set weights = {'int_household': 'design_weight', 'int_person': 'person_weight'} -%}
        {%- for node in graph.get('nodes', {}).values() if node.name in weights -%}
        {%- for column in node.columns.values() if compared_kind(column) in kinds -%}
        {%- set weight = weights[node.name] %}
        select
            '{{ node.name }}' as table_name,
            '{{ column.name }}' as column_name,
            '{{ compared_kind(column) }}' as kind,
            dataset_id,
            cast({{ column.name }} as {{ data_type }}) as value,
            count(*) as row_count,
            sum(cast({{ weight }} as decimal(18, 6))) as weight,
            sum(cast({{ weight }} * {{ weight }} as decimal(24, 6))) as weight_square
        from {{ ref(node.name) }}
        group by dataset_id, {{ column.name }}
        union all
        {%- endfor -%}
        {%- endfor %}
        select
            null as table_name,
            null as column_name,
            null as kind,
            null as dataset_id,
            cast(null as {{ data_type }}) as value,
            cast(null as bigint) as row_count,
            cast(null as decimal(38, 6)) as weight,
            cast(null as decimal(38, 6)) as weight_square
        where false
    )
{%- endmacro %}
{#- How a column is compared: `amount` (dollars), `number`, `boolean`, `category` (of listed
    values), `weight`, or `none`: keys, years, free text, and what hangs on the build rather than
    on the survey. -#}
{% macro compared_kind(column) -%}
    {%- set meta = column.config.meta or column.meta -%}
    {%- if meta.get('is_compared') is false -%}
        none
    {%- elif column.data_type == 'boolean' -%}
        boolean
    {%- elif meta.theme == 'identity' -%}
        {{- 'weight' if column.data_type == 'double' else 'none' -}}
    {%- elif column.data_type in ('double', 'integer') -%}
        {{- 'amount' if (meta.unit or '').startswith('USD') else 'number' -}}
    {%- else -%}
        {{- 'category' if 'values' in meta and column.data_type == 'varchar' else 'none' -}}
    {%- endif -%}
{%- endmacro %}
{#- Weighted quantiles of the values other than zero, of a relation as `vintage_distribution` gives
    it: the smallest value with at least the share of the weight up to it. A quantile errs as the
    share below it does (Woodruff 1952): half the way between the quantiles one standard error of
    the share above and below. -#}
{% macro vintage_quantiles(distribution, params) -%}
    (
        select
            table_name,
            column_name,
            dataset_id,
            statistic,
            min(value) filter (where reached >= quantile * population) as value,
            (
                coalesce(
                    min(value) filter (where reached >= quantile * population + margin),
                    max(value)
                )
                - min(value) filter (where reached >= quantile * population - margin)
            ) / 2 as standard_error
        from (
            select
                values_below.*,
                params.statistic,
                params.quantile,
                sqrt(
                    params.design_effect * params.quantile * (1 - params.quantile)
                    * values_below.population_square
                ) as margin
            from (
                select
                    *,
                    cast(sum(cast(weight as decimal(38, 6))) over (
                        partition by table_name, column_name, dataset_id
                        order by value rows unbounded preceding
                    ) as double) as reached,
                    cast(sum(cast(weight as decimal(38, 6))) over (
                        partition by table_name, column_name, dataset_id
                    ) as double) as population,
                    cast(sum(cast(weight_square as decimal(38, 6))) over (
                        partition by table_name, column_name, dataset_id
                    ) as double) as population_square
                from {{ distribution }}
                where kind in ('amount', 'number') and value <> 0
            ) as values_below
            inner join {{ params }} as params on params.quantile is not null
        )
        group by table_name, column_name, dataset_id, statistic
    )
{%- endmacro %}
{#- Whether a survey's crosswalk lists a column in a vintage; null where there is no vintage. -#}
{% macro is_listed(relation, vintage) -%}
    exists(
        select 1
        from {{ ref('dictionary_source') }} as sources
        where
            sources.table_name = {{ relation }}.table_name
            and sources.column_name = {{ relation }}.column_name
            and sources.survey = {{ relation }}.survey
            and coalesce(sources.first_vintage <= {{ relation }}.{{ vintage }}, true)
            and coalesce(sources.last_vintage >= {{ relation }}.{{ vintage }}, true)
    )
{%- endmacro %}
