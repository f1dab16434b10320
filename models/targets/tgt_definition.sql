-- Grain: one row per fact in force.
-- What a fact counts or sums, and among which units. Two facts with the same `definition_key`
-- are figures for one and the same thing: `measure_key` says of what, `extents` among whom. The
-- year is no part of it: a fact that is used stands for that of the build. The kind of year is.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

constraints as (

    select * from {{ ref('tgt_constraint') }}

),

variables as (

    select * from {{ ref('codes_target_variable') }}

),

geographies as (

    select * from {{ ref('codes_target_geography') }}

),

extents as (

    select * from {{ ref('tgt_extent') }}

),

families as (

    select * from {{ ref('params_target_family') }}

),

period_types as (

    select * from {{ ref('params_target_period_type') }}

),

conditions as (

    select
        target_id,
        string_agg(clause, '; ' order by variable, clause) as all_constraints

    from constraints
    group by target_id

),

reached as (

    select
        target_id,
        string_agg('; ' || extent, '' order by axis) as extents

    from extents
    group by target_id

),

defined as (

    select
        facts.target_id,
        facts.entity,
        variables.unit_column,
        variables.part,
        facts.statistic,
        coalesce(conditions.all_constraints, '') as all_constraints,
        concat_ws(
            ' · ',
            replace(facts.variable, '_', ' ')
            || case facts.statistic when 'amount' then ', USD' else ', ' || facts.unit end,
            geographies.name,
            nullif(facts.constraints, '')
        ) as target_label,
        concat_ws(
            '|',
            facts.entity,
            coalesce(
                variables.unit_column, case variables.part when 'none' then facts.variable end, ''
            ),
            variables.part,
            facts.statistic,
            case
                when
                    period_types.is_comparable
                    or facts.period_type = families.extra_period_type
                    then 'annual'
                else facts.period_type
            end
        ) as measure_key,
        coalesce(reached.extents, '') as extents

    from facts
    inner join variables
        on
            facts.variable = variables.variable
            and facts.entity = variables.entity
    inner join geographies
        on
            facts.geography_level = geographies.geography_level
            and facts.geoid = geographies.geoid
    inner join period_types on facts.period_type = period_types.period_type
    left outer join families on facts.target_family = families.target_family
    left outer join conditions on facts.target_id = conditions.target_id
    left outer join reached on facts.target_id = reached.target_id

),

keyed as (

    select
        *,
        md5(measure_key || extents) as definition_key

    from defined

)

select * from keyed
