{{ config(meta={"description": "Counting persons gives the rate that counting families gives."}) }}

select
    by_person.weight_stage,
    by_person.poverty_rate,
    by_family.value as family_rate

from {{ ref('val_poverty') }} as by_person
inner join {{ ref('val_summary') }} as by_family
    on by_person.weight_stage = by_family.weight_stage
where
    by_person.measure = 'official'
    and by_person.breakdown = 'all'
    and by_family.metric = 'official_poverty_rate'
    and abs(by_person.poverty_rate - by_family.value) > 1e-9
