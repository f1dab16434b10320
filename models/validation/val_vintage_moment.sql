-- Grain: one row per column of households or persons and dataset.
-- What a column's statistics over vintages are made of: weights, sums and quantiles of its
-- distribution under the survey's own weights.
-- depends_on: {{ ref('int_household') }} {{ ref('int_person') }}
with

distribution as (

    select *
    from {{ vintage_distribution(['amount', 'number', 'boolean', 'weight'], 'double') }}

),

quantiles as (

    select
        table_name,
        column_name,
        dataset_id,
        max(value) filter (where statistic = 'median_present') as median_present,
        max(standard_error) filter (where statistic = 'median_present') as median_present_error,
        max(value) filter (where statistic = 'p99_present') as p99_present,
        max(standard_error) filter (where statistic = 'p99_present') as p99_present_error

    from {{ vintage_quantiles('distribution', ref('params_vintage_statistic')) }}
    group by table_name, column_name, dataset_id

),

summed as (

    select
        table_name,
        column_name,
        kind,
        dataset_id,
        cast(sum(row_count) as bigint) as row_count,
        cast(coalesce(sum(row_count) filter (where value <> 0), 0) as bigint) as present_count,
        fsum(weight order by value) as all_weight,
        fsum(weight_square order by value) as all_weight_square,
        coalesce(fsum(weight order by value) filter (where value is not null), 0) as known_weight,
        coalesce(fsum(weight_square order by value) filter (where value is not null), 0)
            as known_weight_square,
        coalesce(fsum(weight order by value) filter (where value = 0), 0) as zero_weight,
        fsum(value * weight order by value) as held,
        fsum(value * weight_square order by value) as held_square,
        fsum(value * value * weight_square order by value) as held_twice_square

    from distribution
    group by table_name, column_name, kind, dataset_id

),

described as (

    select
        summed.*,
        quantiles.median_present,
        quantiles.median_present_error,
        quantiles.p99_present,
        quantiles.p99_present_error

    from summed
    left outer join quantiles
        on
            summed.table_name = quantiles.table_name
            and summed.column_name = quantiles.column_name
            and summed.dataset_id = quantiles.dataset_id

)

select * from described
order by table_name, column_name, dataset_id
