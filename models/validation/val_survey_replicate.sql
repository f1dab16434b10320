-- Grain: one row per household of the base survey and replicate.
-- The survey's own replicates, as factors of its weight: the Census Bureau makes 160 for the ASEC
-- by successive differences (Fay and Train 1995). Of them as many are taken as are wanted, evenly
-- apart. The householder's weight is the household's. Empty where the base has none, or not of
-- every household, as a small demo.
{%- set count = var('replicates')['count'][target.name] | int %}
with

{% if target.name == 'tax_units' or count == 0 -%}

    described as (

        select
            cast(null as bigint) as household_id,
            cast(null as integer) as replicate,
            cast(null as double) as weight_factor
        where false

    )

{%- else -%}

    base as (

        select * from {{ ref('int_dataset') }}
        where is_base

    ),

    persons as (

        select
            replicates.*,
            count(*) over () = base.household_count as is_complete

        from {{ ref('stg_cps_asec__person_replicate') }} as replicates
        inner join base on replicates.dataset_id = base.dataset_id
        where replicates.person_id = replicates.household_id * 100 + 1

    ),

    described as (

        {% for replicate in range(1, count + 1) -%}
            select
                household_id,
                {{ replicate }} as replicate,
                replicate_weight_{{ '%03d' % (1 + (replicate - 1) * 160 // count) }}
                / person_weight as weight_factor
            from persons
            where is_complete
            {{ 'union all' if not loop.last }}
        {% endfor %}

    )

{%- endif %}

select * from described
order by replicate, household_id
