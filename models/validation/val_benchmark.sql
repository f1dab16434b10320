-- Grain: one row per published figure that is never fitted and that households can be asked about.
-- The figure of the build's year, or the nearest published; ours under both weights; the gap; and
-- in words what differs between the two. Ours is null where this build cannot answer, and the words
-- say why. Percent are said as shares. Figures of the role `method` are another file's own.
with

figures as (

    select
        figures.*,
        if(figures.unit = 'percent', 'share', figures.unit) as own_unit,
        figures.value * if(figures.unit = 'percent', 0.01, 1) as own_value

    from {{ ref('stg_facts__benchmark') }} as figures
    where figures.geography_level = 'national'

),

asked as (

    select
        figures.benchmark_id,
        questions.label,
        questions.role,  -- the public name -- noqa: RF04
        questions.metric,
        questions.headline_metric,
        questions.is_same_concept
        and figures.period = {{ var('income_year') }} as is_same_concept,
        figures.publisher,
        figures.source_table,
        figures.citation_url,
        figures.seed_file,
        figures.seed_line,
        figures.period,  -- the public name -- noqa: RF04
        figures.period_type,
        figures.assertion,
        figures.own_unit as unit,
        figures.own_value * questions.factor as published_value,
        questions.comparability
        || if(
            figures.period = {{ var('income_year') }} or questions.role = 'method',
            '', '; published for ' || figures.period || ', not {{ var("income_year") }}'
        ) as comparability

    from {{ ref('params_benchmark') }} as questions
    inner join figures
        on
            questions.publisher = figures.publisher
            and questions.variable = figures.variable
            and questions.statistic = figures.statistic
            and coalesce(questions.constraints, '') = figures.constraints
    qualify row_number() over (
        partition by
            questions.publisher, questions.variable, questions.statistic, questions.constraints
        order by
            abs(figures.period - {{ var('income_year') }}), figures.period, figures.vintage desc
    ) = 1

),

answered as (

    select
        metric,
        max(answer) filter (where weight_stage = 'initial_weight') as initial_value,
        max(answer) filter (where weight_stage = 'calibrated_weight') as calibrated_value

    from {{ ref('val_answer') }}
    group by metric

),

compared as (

    select
        asked.* exclude (metric, comparability),  -- the star's own -- noqa: RF02
        if(
            answered.calibrated_value is null and not starts_with(asked.comparability, 'Ours is'),
            'Ours is null: the base does not carry it. ',
            ''
        ) || asked.comparability as comparability,
        answered.initial_value,
        answered.calibrated_value,
        if(asked.role = 'method', null, answered.calibrated_value - asked.published_value) as gap,
        if(asked.role = 'method', null, answered.calibrated_value / asked.published_value - 1)
            as relative_gap

    from asked
    left outer join answered on asked.metric = answered.metric

)

select * from compared
order by benchmark_id
