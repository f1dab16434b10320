-- Grain: one row per column of households or persons, dataset, statistic and category.
-- What each variable looks like in each vintage, with an approximate standard error.
-- Assumption: variances are those of independent records times a design effect. A share of 0 or 1
-- would err by nothing, so two effective records are added, one of each kind (Agresti and Coull
-- 1998).
with

moments as (

    select * from {{ ref('val_vintage_moment') }}

),

categories as (

    select * from {{ ref('val_vintage_category') }}

),

params as (

    select * from {{ ref('params_vintage_statistic') }}

),

parts as (

    select
        table_name,
        column_name,
        dataset_id,
        'missing_share' as statistic,
        null as category,
        row_count,
        row_count as used_count,
        all_weight - known_weight as part,
        all_weight as base,
        all_weight_square as base_square

    from moments
    where kind <> 'weight'
    union all
    select
        table_name,
        column_name,
        dataset_id,
        if(kind = 'boolean', 'true_share', 'zero_share') as statistic,
        null as category,
        row_count,
        row_count as used_count,
        if(kind = 'boolean', held, zero_weight) as part,
        known_weight as base,
        known_weight_square as base_square

    from moments
    where kind <> 'weight'
    union all
    select
        table_name,
        column_name,
        dataset_id,
        if(category is null, 'missing_share', 'category_share') as statistic,
        category,
        row_count,
        row_count as used_count,
        category_weight as part,
        if(category is null, all_weight, known_weight) as base,
        if(category is null, all_weight_square, known_weight_square) as base_square

    from categories

),

shares as (

    select
        parts.* exclude (part, base, base_square),  -- the star's own -- noqa: RF02
        parts.part / parts.base as statistic_value,
        (parts.part + parts.base_square / parts.base)
        / (parts.base + 2 * parts.base_square / parts.base) as smoothed,
        sqrt(params.design_effect * smoothed * (1 - smoothed) * parts.base_square) / parts.base
            as standard_error

    from parts
    inner join params on parts.statistic = params.statistic
    where parts.base > 0

),

levels as (

    select
        moments.table_name,
        moments.column_name,
        moments.dataset_id,
        params.statistic,
        null as category,
        moments.row_count,
        if(moments.kind = 'weight', moments.row_count, moments.present_count) as used_count,
        case params.statistic
            when 'total' then moments.all_weight
            when 'mean' then moments.held / moments.known_weight
            when 'median_present' then moments.median_present
            when 'p99_present' then moments.p99_present
        end as statistic_value,
        case params.statistic
            when 'total' then 0
            when 'mean'
                then sqrt(
                    params.design_effect * greatest(
                        moments.held_twice_square
                        - 2 * statistic_value * moments.held_square
                        + statistic_value * statistic_value * moments.known_weight_square,
                        0
                    )
                ) / moments.known_weight
            when 'median_present' then moments.median_present_error
            when 'p99_present' then moments.p99_present_error
        end as standard_error

    from moments
    inner join params
        on
            (moments.kind = 'weight' and params.statistic = 'total')
            or (
                moments.kind in ('amount', 'number')
                and params.statistic in ('mean', 'median_present', 'p99_present')
            )

),

measured as (

    select * exclude (smoothed) from shares
    union all by name
    select * from levels
    where statistic_value is not null

)

select * from measured
order by table_name, column_name, dataset_id, statistic, category nulls first
