-- Grain: one row per fact in force.
-- What a fact counts or sums, and among which units. Two facts with the same `definition_key`
-- are figures for one and the same thing.
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

conditions as (

    select
        target_id,
        string_agg(clause, '; ' order by variable, clause) as all_constraints,
        string_agg(
            concat_ws(' ', variable, value_text, lower_bound, '<', upper_bound),
            ';' order by variable, value_text, lower_bound, upper_bound
        ) as condition_key

    from constraints
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
        md5(
            concat_ws(
                '|',
                facts.entity,
                coalesce(variables.unit_column, ''),
                variables.part,
                facts.statistic,
                facts.period,
                conditions.condition_key
            )
        ) as definition_key

    from facts
    inner join variables
        on
            facts.variable = variables.variable
            and facts.entity = variables.entity
    inner join geographies
        on
            facts.geography_level = geographies.geography_level
            and facts.geoid = geographies.geoid
    left outer join conditions on facts.target_id = conditions.target_id

)

select * from defined
