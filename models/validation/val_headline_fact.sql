-- Grain: one row per headline that is a published fact.
-- Which fact a headline quotes: of those of its variable, statistic and family the national one
-- with the fewest conditions.
with

headlines as (

    select * from {{ ref('params_headline') }}

),

facts as (

    select * from {{ ref('target') }}
    where geography_level = 'national' and target_role != 'inactive'

),

quoted as (

    select
        headlines.metric,
        headlines.label,
        facts.target_id,
        facts.unit,
        facts.publisher,
        facts.source_table,
        facts.target_role,
        facts.published_value,
        facts.initial_estimate,
        facts.calibrated_estimate,
        facts.seed_file,
        facts.seed_line

    from headlines
    inner join facts
        on
            headlines.variable = facts.variable
            and headlines.statistic = facts.statistic
            and headlines.family = facts.target_family
    qualify row_number() over (
        partition by headlines.metric
        order by length(facts.all_constraints), facts.target_id
    ) = 1

)

select * from quoted
order by metric
