-- Grain: one row per target family, geography level and role (fitted or held out).
-- How far initial and calibrated weights land from the published facts. Facts that fewer than 30
-- households bear on are counted apart: `supported_count` has the rest.
with

targets as (

    select
        *,
        abs(initial_relative_error) as initial_error,
        abs(calibrated_relative_error) as calibrated_error

    from {{ ref('target') }}
    where target_role in ('fitted', 'held_out') and target_value != 0

),

families as (

    select
        target_family,
        geography_level,
        target_role,
        count(*) filter (where support_count >= 30 and calibrated_error <= 0.01)
            as within_1_count,
        count(*) filter (where support_count >= 30 and calibrated_error <= 0.05)
            as within_5_count,
        {{ achieved() }}

    from targets
    group by target_family, geography_level, target_role

)

select * from families
order by target_family, geography_level, target_role
