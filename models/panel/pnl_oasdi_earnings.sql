-- Grain: one row per person and year with covered earnings.
-- Published examples list theirs, or earn the contribution base from the year of 22 on.
with

examples as (

    select * from {{ ref('facts_ssa_example_worker') }}

),

listed_earnings as (

    select * from {{ ref('facts_ssa_example_earnings') }}

),

bases as (

    select * from {{ ref('params_ssa_contribution_base') }}

),

listed as (

    select
        worker_id as person_id,
        cast(earnings_year as integer) as earnings_year,
        cast(covered_earnings as double) as covered_earnings

    from listed_earnings

),

at_the_base as (

    select
        examples.worker_id as person_id,
        cast(bases.year as integer) as earnings_year,
        cast(bases.contribution_base as double) as covered_earnings

    from examples
    inner join bases
        on
            examples.birth_year + 22 <= bases.year
            and examples.claim_year > bases.year
    where examples.earnings_pattern = 'maximum'

),

combined as (

    select * from listed
    union all
    select * from at_the_base

)

select * from combined
order by person_id, earnings_year
