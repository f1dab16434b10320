-- Grain: one row per identity: a sum that the facts themselves claim, and how far they are apart.
-- A published cell is the sum of its parts along each column; an implied cell is so in two ways at
-- once, and both sums must agree. An identity is enforced unless its parts leave something open,
-- someone has said that the figures are of different things, or they are so far apart that they
-- must be.
with

parts as (

    select * from {{ ref('tgt_part') }}
    union all
    select * from {{ ref('tgt_sum') }}

),

cells as (

    select * from {{ ref('tgt_cell') }}

),

facts as (

    select
        fact.target_id,
        fact.publisher,
        fact.source_table,
        fact.geography_level,
        aged.aged_value

    from {{ ref('tgt_fact') }} as fact
    inner join {{ ref('tgt_aged') }} as aged on fact.target_id = aged.target_id

),

rules as (

    select * from {{ ref('params_target_rule') }}

),

exceptions as (

    select * from {{ ref('params_target_inconsistency') }}

),

limits as (

    select max(value) filter (where rule = 'identity_gap_at_most') as gap_at_most
    from rules

),

sides as (

    select
        parts.cell_key,
        parts.axis,
        count(*) as part_count,
        fsum(parts.sign * facts.aged_value order by parts.part_target_id) as parts_value,
        max(parts.open_reason) as open_reason,
        max(exceptions.reason) as exception_reason,
        min(facts.publisher) as publisher,
        string_agg(distinct facts.source_table, ', ' order by facts.source_table) as part_tables,
        bool_and(facts.geography_level = 'national') as is_national

    from parts
    inner join facts on parts.part_target_id = facts.target_id
    left outer join exceptions
        on
            facts.source_table = exceptions.source_table
            and parts.axis = exceptions.axis
    group by parts.cell_key, parts.axis

),

-- An implied cell is told by the sum that is closed, at the nation if there is one.
ranked as (

    select
        sides.*,
        cells.target_id,
        cells.measure_key,
        cells.extents,
        first_value(sides.axis) over best as base_axis,
        first_value(sides.parts_value) over best as base_value,
        first_value(sides.is_national) over best as base_is_national,
        first_value(sides.part_tables) over best as base_tables,
        first_value(sides.open_reason is null) over best as base_is_closed

    from sides
    inner join cells on sides.cell_key = cells.cell_key
    window best as (
        partition by sides.cell_key
        order by
            (sides.open_reason is not null),
            (sides.axis = 'state_fips'),
            sides.axis
    )

),

compared as (

    select
        ranked.cell_key || '/' || ranked.axis as identity_id,
        ranked.cell_key,
        ranked.target_id,
        ranked.measure_key,
        trim(ranked.extents, '; ') as conditions,
        ranked.axis,
        case when ranked.target_id is null then ranked.base_axis end as other_axis,
        coalesce(wholes.publisher, ranked.publisher) as publisher,
        coalesce(wholes.source_table, ranked.base_tables) as whole_tables,
        ranked.part_tables,
        ranked.part_count,
        coalesce(wholes.geography_level = 'national', ranked.base_is_national)
        and ranked.is_national as is_national,
        coalesce(wholes.aged_value, ranked.base_value) as whole_value,
        ranked.parts_value,
        ranked.parts_value / nullif(coalesce(wholes.aged_value, ranked.base_value), 0) - 1
            as relative_gap,
        coalesce(ranked.open_reason, ranked.exception_reason) as known_reason

    from ranked
    left outer join facts as wholes on ranked.target_id = wholes.target_id
    where
        ranked.part_count > 1
        and (
            ranked.target_id is not null
            or (
                ranked.axis != ranked.base_axis
                and ranked.base_is_closed
                and ranked.open_reason is null
            )
        )

),

judged as (

    select
        compared.*,
        coalesce(
            compared.known_reason,
            case
                when compared.whole_value = compared.parts_value then null
                when
                    compared.relative_gap is null
                    or abs(compared.relative_gap) > limits.gap_at_most
                    then 'too far apart to be figures of one thing'
            end
        ) as unenforced_reason

    from compared
    cross join limits

)

select * from judged
