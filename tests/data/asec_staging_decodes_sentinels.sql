{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "What was not asked is null, pointers to nobody are null, ages stay in band."}
) }}

with

raw_persons as (

    select
        _dataset_id as dataset_id,
        cast(ph_seq as bigint) * 100 + cast(p_seq as bigint) as person_id,
        cast(a_age as integer) as a_age,
        cast(a_spouse as integer) as a_spouse,
        cast(pecohab as integer) as pecohab,
        cast(pepar1 as integer) as pepar1,
        cast(pediseye as integer) as pediseye,
        cast(a_enrlw as integer) as a_enrlw,
        cast(semp_val as double) as semp_val,
        cast(marsupwt as double) as marsupwt

    from {{ source('cps_asec', 'person') }}

)

select
    raw_persons.dataset_id,
    raw_persons.person_id,
    raw_persons.a_age,
    staged.age,
    staged.person_weight

from raw_persons
left outer join {{ ref('stg_cps_asec__person') }} as staged
    on raw_persons.dataset_id = staged.dataset_id and raw_persons.person_id = staged.person_id
where
    staged.person_id is null
    or staged.age < raw_persons.a_age
    or staged.age > raw_persons.a_age + case raw_persons.a_age when 80 then 4 else 0 end
    or (raw_persons.a_spouse > 0) <> (staged.spouse_line_number is not null)
    or (raw_persons.pecohab > 0) <> (staged.partner_line_number is not null)
    or (raw_persons.pepar1 > 0) <> (staged.parent1_line_number is not null)
    or (raw_persons.pediseye > 0) <> (staged.is_blind is not null)
    or (raw_persons.a_enrlw > 0) <> (staged.is_full_time_student is not null)
    or raw_persons.semp_val <> staged.self_employment
    or round(staged.person_weight * 100) <> raw_persons.marsupwt
