-- Grain: one row per tax unit of the base records and copy that drew business income beyond what
-- its household told, of a base that does not ask for income from partnerships. What it would have
-- on a return without, and what the state's returns have beside the nation's.
with

tax_units as (

    select * from {{ base_records('tax_unit') }}
    where partnership_s_corp_income is null

),

counted as (

    select fsum(population order by state_fips) as population
    from {{ ref('params_population_age') }}
    where calendar_year = {{ var('income_year') }} - 1

),

people as (

    select
        any_value(counted.population)
        / fsum(persons.person_weight order by persons.person_id) as people_per_person_told

    from {{ base_records('person') }} as persons
    cross join counted

),

states as (

    select
        state_fips,
        return_count,
        amount,
        all_return_count

    from {{ ref('params_return_income_state') }}
    where income = 'partnership_s_corp_income' and calendar_year = {{ var('income_year') }} - 1

),

units as (

    select
        state_fips,
        fsum(design_weight order by tax_unit_id) as unit_count

    from tax_units
    group by state_fips

),

parts as (

    select
        states.state_fips,
        units.unit_count * states.return_count / states.all_return_count
        / fsum(units.unit_count * states.return_count / states.all_return_count) over nation
            as state_count_share,
        units.unit_count * states.amount / states.all_return_count
        / fsum(units.unit_count * states.amount / states.all_return_count) over nation
            as state_amount_share

    from states
    inner join units on states.state_fips = units.state_fips
    window
        nation as (
            order by states.state_fips rows between unbounded preceding and unbounded following
        )

),

candidates as (

    select
        tax_units.tax_unit_id,
        draws.copy_id,
        tax_units.household_id,
        tax_units.state_fips,
        tax_units.design_weight * copies.design_weight_share * people.people_per_person_told
            as design_weight,
        draws.drawn_business_income,
        draws.income_on_return,
        draws.exempt_interest,
        tax_units.social_security,
        rules.base_amount,
        rules.adjusted_base_amount,
        parts.state_count_share,
        parts.state_amount_share

    from tax_units
    inner join {{ ref('imp_drawn_income') }} as draws
        on tax_units.tax_unit_id = draws.tax_unit_id and draws.drawn_business_income != 0
    inner join {{ ref('imp_copy') }} as copies
        on draws.copy_id = copies.copy_id and tax_units.household_id = copies.household_id
    inner join {{ ref('params_benefit_taxation') }} as rules
        on tax_units.filing_status = rules.filing_status
    inner join parts on tax_units.state_fips = parts.state_fips
    cross join people

)

select * from candidates
