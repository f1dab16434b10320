{{ config(
    enabled=target.name != 'tax_units',
    meta={
        "description": "Every state is there, with about its published population: both members of the zip are read, and weights are whole persons. A small sample of the demo world may be off by a third, and one of fewer than 1,000 households is too small for states; real records, which may be of some years before or after, by a tenth."
    }
) }}

with

published as (

    select
        geoid as state_fips,
        value as persons

    from {{ ref('stg_facts__fact') }}
    where
        variable = 'civilian_population'
        and geography_level = 'state'
        and period = 2022
        and constraints = ''

),

counted as (

    select
        persons.dataset_id,
        households.state_fips,
        fsum(persons.person_weight) as persons

    from {{ ref('int_person__acs') }} as persons
    inner join {{ ref('int_household__acs') }} as households
        on
            persons.dataset_id = households.dataset_id
            and persons.household_id = households.household_id
    group by persons.dataset_id, households.state_fips

),

datasets as (

    select dataset_id
    from {{ ref('int_household__acs') }}
    group by dataset_id
    having count(*) >= 1000

)

select
    datasets.dataset_id,
    published.state_fips,
    published.persons as published_persons,
    counted.persons as counted_persons

from datasets
cross join published
left outer join counted
    on datasets.dataset_id = counted.dataset_id and published.state_fips = counted.state_fips
where
    counted.persons is null
    or abs(ln(counted.persons / published.persons))
    > case when starts_with(datasets.dataset_id, 'demo_') then 0.35 else 0.1 end

union all

-- Nothing is compared where nothing is published.
select
    null as dataset_id,
    null as state_fips,
    count(*) as published_persons,
    null as counted_persons

from published
having count(*) < 51
