-- Grain: one row per cell that is declared a sum of several variables, and published part.
-- `params_target_sum` says which variables add up to which. Parts and whole are figures for the
-- same place, universe and conditions; the whole need not be published.
with

facts as (

    select * from {{ ref('tgt_fact') }}

),

definitions as (

    select * from {{ ref('tgt_definition') }}

),

sums as (

    select * from {{ ref('params_target_sum') }}

),

cells as (

    select * from {{ ref('tgt_cell') }}
    where target_id is not null

),

figures as (

    select
        facts.target_id,
        facts.variable,
        facts.statistic,
        definitions.measure_key,
        definitions.extents,
        concat_ws('|', facts.geoid, facts.universe, facts.constraints, facts.period_type)
            as place_key

    from facts
    inner join definitions on facts.target_id = definitions.target_id

),

measures as (

    select
        variable,
        statistic,
        min(measure_key) as measure_key

    from figures
    group by variable, statistic

),

declared as (

    select
        sums.whole_variable,
        sums.part_variable,
        sums.statistic,
        sums.sign,
        count(*) over (partition by sums.whole_variable, sums.statistic) as part_count

    from sums

),

parts as (

    select
        coalesce(wholes.measure_key || wholes.extents, measures.measure_key || figures.extents)
            as whole_key,
        cells.target_id as part_target_id,
        declared.sign,
        declared.part_count,
        figures.place_key

    from figures
    inner join cells on figures.target_id = cells.target_id
    inner join declared
        on
            figures.variable = declared.part_variable
            and figures.statistic = declared.statistic
    inner join measures
        on
            declared.whole_variable = measures.variable
            and declared.statistic = measures.statistic
    left outer join figures as wholes
        on
            declared.whole_variable = wholes.variable
            and declared.statistic = wholes.statistic
            and figures.place_key = wholes.place_key

),

summed as (

    select distinct
        md5(whole_key) as cell_key,
        'variable' as axis,
        part_target_id,
        sign,
        case
            when
                count(distinct part_target_id) over (partition by whole_key, place_key)
                < part_count
                then 'not every part is published'
        end as open_reason

    from parts

)

select * from summed
