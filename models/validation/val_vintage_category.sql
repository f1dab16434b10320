-- Grain: one row per column of households or persons with listed values, value, and dataset.
-- Records of which nothing is known have a null value. A value that other datasets of the survey
-- have and this one has not is there with zero.
-- depends_on: {{ ref('int_household') }} {{ ref('int_person') }}
with

distribution as (

    select * from {{ vintage_distribution(['category'], 'varchar') }}

),

datasets as (

    select
        table_name,
        column_name,
        dataset_id,
        {{ survey_of('dataset_id') }} as survey,
        cast(sum(row_count) as bigint) as row_count,
        fsum(weight order by value) as all_weight,
        fsum(weight_square order by value) as all_weight_square,
        coalesce(fsum(weight order by value) filter (where value is not null), 0) as known_weight,
        coalesce(fsum(weight_square order by value) filter (where value is not null), 0)
            as known_weight_square

    from distribution
    group by table_name, column_name, dataset_id

),

seen as (

    select distinct
        table_name,
        column_name,
        {{ survey_of('dataset_id') }} as survey,
        value as category

    from distribution
    union
    select distinct
        table_name,
        column_name,
        survey,
        null as category

    from datasets

),

filled as (

    select
        datasets.table_name,
        datasets.column_name,
        datasets.dataset_id,
        seen.category,
        datasets.row_count,
        cast(coalesce(distribution.row_count, 0) as bigint) as category_count,
        cast(coalesce(distribution.weight, 0) as double) as category_weight,
        datasets.all_weight,
        datasets.all_weight_square,
        datasets.known_weight,
        datasets.known_weight_square

    from datasets
    inner join seen
        on
            datasets.table_name = seen.table_name
            and datasets.column_name = seen.column_name
            and datasets.survey = seen.survey
    left outer join distribution
        on
            datasets.table_name = distribution.table_name
            and datasets.column_name = distribution.column_name
            and datasets.dataset_id = distribution.dataset_id
            and seen.category is not distinct from distribution.value

)

select * from filled
order by table_name, column_name, dataset_id, category nulls first
