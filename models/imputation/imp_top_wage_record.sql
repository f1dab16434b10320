-- Grain: one row per SCF family and implicate with top wages, and per tax unit of the base records
-- with them.
-- From an amount on a survey does not tell wages as they are: they are swapped among those who have
-- such, or cut. Whoever told as much is known to have as much; how much, families of the SCF say.
with

limits as (

    select wages_lower
    from {{ ref('params_top_wage') }}
    where calendar_year = {{ var('income_year') }}

),

donors as (

    select
        true as is_donor,
        dataset_id,
        family_id,
        cast(null as bigint) as tax_unit_id,
        implicate,
        design_weight,
        age,
        cast(is_couple as integer) as is_couple,
        n_children,
        employment_income

    from {{ ref('imp_scf_donor') }}
    -- A family is its implicates, all of them.
    qualify
        min(employment_income) over (partition by dataset_id, family_id)
        >= (select limits.wages_lower from limits)

),

recipients as (

    select
        false as is_donor,
        dataset_id,
        null as family_id,
        tax_unit_id,
        1 as implicate,
        design_weight,
        age_head as age,
        cast(filing_status = 'joint' as integer) as is_couple,
        n_under_18 as n_children,
        employment_income

    from {{ base_records('tax_unit') }}
    where employment_income >= (select limits.wages_lower from limits)

),

records as (

    select * from donors
    union all
    select * from recipients

)

select * from records
