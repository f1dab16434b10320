-- Grain: one row per fact at the build's year.
-- A table of states is scaled to its national control, measure by measure: the factor is the nation
-- over the sum of the states, and every state figure of that table and measure is multiplied by
-- it. What is then left of a gap is closed by `tgt_reconciled`, within the standard errors given
-- here: the publisher's; or a share of the geometric mean of the figure and the largest of its
-- measure, so that a gap is spread in proportion to the figures; less for totals than for cells.
-- The nation's totals are controls and do not move.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

aged as (

    select * from {{ ref('tgt_aged') }}

),

definitions as (

    select * from {{ ref('tgt_definition') }}

),

identities as (

    select * from {{ ref('tgt_identity') }}
    where unenforced_reason is null

),

sums as (

    select * from {{ ref('params_target_sum') }}

),

rules as (

    select * from {{ ref('params_target_rule') }}

),

limits as (

    select
        max(value) filter (where rule = 'standard_error_share_of_cell') as cell_share,
        max(value) filter (where rule = 'standard_error_share_of_total') as total_share

    from rules

),

-- The least conditioned sum over the states speaks for its table.
controls as (

    select
        part_tables as source_table,
        measure_key,
        whole_value / parts_value as control_factor,
        whole_tables as control_tables

    from identities
    where axis = 'state_fips' and parts_value != 0
    qualify
        row_number() over (
            partition by part_tables, measure_key
            order by length(conditions), conditions
        ) = 1

),

scaled as (

    select
        facts.target_id,
        facts.geography_level,
        facts.variable,
        facts.constraints,
        facts.standard_error,
        definitions.measure_key,
        aged.aged_value,
        aged.growth_standard_error,
        case when facts.geography_level = 'state' then controls.control_factor end
            as control_factor,
        case when facts.geography_level = 'state' then controls.control_tables end
            as control_tables

    from facts
    inner join aged on facts.target_id = aged.target_id
    inner join definitions on facts.target_id = definitions.target_id
    left outer join controls
        on
            facts.source_table = controls.source_table
            and definitions.measure_key = controls.measure_key
    where aged.aged_value is not null

),

judged as (

    select
        scaled.target_id,
        scaled.geography_level,
        scaled.aged_value,
        scaled.control_factor,
        scaled.control_tables,
        scaled.aged_value * coalesce(scaled.control_factor, 1) as scaled_value,
        case
            when
                scaled.geography_level = 'national'
                and scaled.constraints = ''
                and scaled.standard_error is null
                and scaled.growth_standard_error = 0
                and scaled.variable not in (select sums.part_variable from sums)
                then 0
            when scaled.standard_error is not null then scaled.standard_error
            else
                case scaled.constraints
                    when '' then limits.total_share
                    else limits.cell_share
                end
                * sqrt(
                    abs(scaled.aged_value)
                    * max(abs(scaled.aged_value)) over (
                        partition by scaled.measure_key, scaled.geography_level
                    )
                )
                + scaled.growth_standard_error
        end as standard_error

    from scaled
    cross join limits

)

select * from judged
