-- Grain: one row per stratum and profile that belongs to it, or may belong.
-- A profile belongs where it meets every condition. Candidates come from the stratum's rarest
-- condition, so that few pairs are compared. `is_certain` is false where an unknown attribute
-- leaves it open.
with

profiles as (

    select * from {{ ref('cal_profile') }}

),

strata as (

    select distinct
        stratum_id,
        entity,
        atom_ids

    from {{ ref('cal_target_index') }}

),

profile_atoms as (

    select
        profile_id,
        unnest(possible_atom_ids) as atom_id

    from profiles

),

frequencies as (

    select
        atom_id,
        count(*) as profile_count

    from profile_atoms
    group by atom_id

),

listed as (

    select
        stratum_id,
        unnest(atom_ids) as atom_id

    from strata

),

rarest as (

    select
        listed.stratum_id,
        arg_min(
            listed.atom_id, (coalesce(frequencies.profile_count, 0), listed.atom_id)
        ) as atom_id

    from listed
    left outer join frequencies on listed.atom_id = frequencies.atom_id
    group by listed.stratum_id

),

candidates as (

    select
        rarest.stratum_id,
        profile_atoms.profile_id
    from rarest
    inner join profile_atoms on rarest.atom_id = profile_atoms.atom_id
    union all
    select
        strata.stratum_id,
        profiles.profile_id
    from strata
    inner join profiles on strata.entity = profiles.entity
    where len(strata.atom_ids) = 0

),

judged as (

    select
        candidates.stratum_id,
        candidates.profile_id,
        list_has_all(profiles.met_atom_ids, strata.atom_ids) as is_certain

    from candidates
    inner join strata on candidates.stratum_id = strata.stratum_id
    inner join profiles on candidates.profile_id = profiles.profile_id
    where list_has_all(profiles.possible_atom_ids, strata.atom_ids)

)

select * from judged
