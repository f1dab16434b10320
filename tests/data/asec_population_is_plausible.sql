{{ config(
    enabled=target.name != 'tax_units',
    meta={
        "description": "Each vintage stands for the population, and it moves little in a year.",
        "history": "2026-11 first bounds: 315 to 350 million; -3 % to +5 % a year"
    }
) }}

-- The survey's universe was 323.8 million for incomes of 2018 and about 338 for 2024 (Census P60);
-- a weight read without its two implied decimals is out by a hundred. The bounds of growth leave
-- room for the smallest demo worlds, whose few households cannot quite be weighed to the nation.
with

populations as (

    select
        dataset_id,
        income_year,
        fsum(person_weight order by person_id) as persons

    from {{ ref('int_person__cps_asec') }}
    group by dataset_id, income_year

),

compared as (

    select
        populations.dataset_id,
        populations.persons,
        populations.persons / previous.persons - 1 as growth

    from populations
    left outer join populations as previous
        on populations.income_year = previous.income_year + 1

)

select *
from compared
where
    persons not between 315e6 and 350e6
    or growth not between -0.03 and 0.05
