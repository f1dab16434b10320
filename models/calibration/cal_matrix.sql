-- Grain: one row per target and household with a nonzero contribution, in that order.
-- The design matrix as triplets: what one household adds to a target's estimate per unit of
-- weight. Amounts are summed over the household's units in the stratum; a count counts those
-- whose item is not zero. The part `positive` or `negative` looks at gains or at losses alone.
-- Means and medians are in threshold form, as relative errors: a mean's row holds what the units
-- have beyond the published mean, over what all of them would have; a median's the units below the
-- published median beyond one half, over one half of all. Both sum to zero where they are reached.
-- Amounts are summed as ten-thousandths of a dollar: exact, in whatever order units come, at a
-- tenth of what an ordered sum costs. The columns are called as sparse matrices call them.
with

targets as (

    select * from {{ ref('cal_target_index') }}

),

memberships as (

    select * from {{ ref('cal_membership') }}

),

households as (

    select * from {{ ref('cal_household_index') }}

),

profiles as (

    select * from {{ ref('cal_profile') }}

),

units as (

    select
        units.entity,
        units.unit_id,
        profiles.profile_id,
        households.household_index

    from {{ ref('cal_placement') }} as units
    inner join profiles
        on
            units.entity = profiles.entity
            and units.cell_ids = profiles.cell_ids
    inner join households on units.household_id = households.household_id

),

attributes as (

    select * from {{ unit_long('household', 'double') }}
    union all
    select * from {{ unit_long('person', 'double') }}
    union all
    select * from {{ unit_long('spm_unit', 'double') }}
    union all
    select * from {{ unit_long('tax_unit', 'double') }}

),

measures as (

    select
        entity,
        unit_id,
        attribute as measure,
        attribute_value as amount
    from attributes
    where attribute_value != 0
    union all
    select
        entity,
        unit_id,
        'one' as measure,
        1 as amount
    from units

),

items as (

    select distinct
        targets.item_id,
        targets.entity,
        targets.measure,
        targets.part,
        case when targets.statistic = 'median' then targets.centre end as dividing_value,
        memberships.profile_id

    from targets
    inner join memberships on targets.stratum_id = memberships.stratum_id
    where memberships.is_certain

),

contributions as (

    select
        items.item_id,
        units.household_index,
        cast(sum(cast(measures.amount as decimal(18, 4))) as double) as amount,
        count(*) as unit_count,
        count(*) filter (where measures.amount < items.dividing_value) as below_count

    from measures
    inner join units
        on
            measures.entity = units.entity
            and measures.unit_id = units.unit_id
    inner join items
        on
            units.profile_id = items.profile_id
            and measures.measure = items.measure
    where
        (items.part != 'positive' or measures.amount > 0)
        and (items.part != 'negative' or measures.amount < 0)
    group by items.item_id, units.household_index

),

centred as (

    select distinct item_id
    from targets
    where centre is not null

),

represented as (

    select
        contributions.item_id,
        cast(sum(cast(
            contributions.unit_count * households.initial_weight as decimal(18, 6)
        )) as double) as unit_total

    from contributions
    inner join households on contributions.household_index = households.household_index
    inner join centred on contributions.item_id = centred.item_id
    group by contributions.item_id

),

triplets as (

    select
        targets.target_index,
        contributions.household_index,
        case
            when targets.statistic = 'count' then contributions.unit_count
            when targets.statistic = 'median'
                then
                    (contributions.below_count - contributions.unit_count / 2)
                    / (represented.unit_total / 2)
            when targets.statistic = 'mean'
                then
                    (
                        contributions.amount * if(targets.part = 'negative', -1, 1)
                        - targets.centre * contributions.unit_count
                    )
                    / (targets.centre * represented.unit_total)
            when targets.part = 'negative' then -contributions.amount
            else contributions.amount
        end as contribution

    from contributions
    inner join targets on contributions.item_id = targets.item_id
    left outer join represented on contributions.item_id = represented.item_id

),

ordered as (

    select
        target_index,
        household_index,
        cast(contribution as double) as value  -- the public name -- noqa: RF04

    from triplets
    where contribution != 0
    order by target_index, household_index

)

select * from ordered
