-- Grain: one row per household of the SIPP in December: who lives at one residence then.
-- There is no household weight: a household has that of its reference person. What the household
-- owns is as of the end of the year; its income is that of its December members over the year.
{{ config(enabled=target.name != 'tax_units') }}
with

members as (

    select * from {{ ref('int_kinship__sipp') }}

),

gathered as (

    select
        members.dataset_id,
        members.household_id,
        min(members.survey_year) as survey_year,
        min(members.income_year) as income_year,
        cast(count(*) as integer) as household_size,
        arg_min(members.state_fips, members.person_id) as state_fips,
        arg_min(members.living_quarters_code, members.person_id) as living_quarters_code,
        arg_min(members.tenure_code, members.person_id) as tenure_code,
        max(members.home_debt) as home_debt,
        max(members.home_value) as home_value,
        max(members.net_worth) as net_worth,
        max(members.vehicles_owned) as vehicles_owned,
        max(members.vehicles_value) as vehicles_value,
        max(members.person_weight) filter (where members.is_reference_person) as design_weight,
        coalesce(fsum(flows.total_income order by members.person_id), 0) as household_money_income,
        coalesce(fsum(flows.snap order by members.person_id), 0) as snap_reported

    from members
    inner join {{ ref('int_flow__sipp') }} as flows
        on members.dataset_id = flows.dataset_id and members.person_id = flows.person_id
    group by members.dataset_id, members.household_id

),

harmonized as (

    select
        gathered.dataset_id,
        gathered.household_id,
        gathered.survey_year,
        gathered.income_year,
        gathered.state_fips,
        tenures.tenure_type,
        gathered.household_size,
        living_quarters.is_group_quarters,
        gathered.design_weight,
        gathered.household_money_income,
        gathered.net_worth,
        case when gathered.home_value > 0 then gathered.home_value end as property_value,
        gathered.snap_reported,
        gathered.vehicles_owned,
        gathered.vehicles_value

    from gathered
    left outer join {{ ref('codes_sipp_tenure') }} as tenures
        on
            gathered.tenure_code = tenures.code
            and (
                tenures.has_mortgage is null
                or tenures.has_mortgage = (coalesce(gathered.home_debt, 0) > 0)
            )
    left outer join {{ ref('codes_sipp_living_quarters') }} as living_quarters
        on gathered.living_quarters_code = living_quarters.code

)

select * from harmonized
