-- Records of the aged panel's first year that descend from nobody of this build, or from somebody
-- of the other sex: then the panel was aged from another build. `steelyard panel` makes a new one.
{{ config(severity='warn', tags=['panel'], meta={
    'description': 'The panel that is read began with the persons of this build.'
}) }}
with

aged as (

    select * from {{ ref('pnl_person') }}

),

persons as (

    select * from {{ ref('person') }}

),

strangers as (

    select
        aged.imputation,
        aged.person_id,
        aged.source_person_id

    from aged
    left outer join persons on aged.source_person_id = persons.person_id
    where
        aged.entered_as = 'base'
        and aged.source_person_id is not null
        and aged.panel_year = aged.entry_year
        and aged.is_female is distinct from persons.is_female

)

select * from strangers
