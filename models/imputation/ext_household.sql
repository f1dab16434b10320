-- Grain: one row per household and copy of the Extended file.
-- Copy 0 keeps what was reported and takes from the donors only what the survey does not ask;
-- copy 1+ has its capital income replaced, and the benefits that depend on it. The design weight is
-- split between the copies, so that their sum is still the population. Money income moves by what
-- its tax units drew. What a household owns and owes is one SCF family's balance sheet. Of a survey
-- that the build does not have, there are no draws: null.
{%- set wealth = drawn_variables('imp_scf') %}
{%- set vehicles = drawn_variables('imp_sipp_household') %}
{%- set housing = {'rent': 'rented', 'real_estate_taxes': 'owned%'} %}
{%- set benefits = ['energy_assistance_reported', 'snap_reported'] %}
with

households as (

    select * from {{ base_records('household') }}

),

money_income_changes as (

    select
        household_id,
        fsum(money_income_change order by tax_unit_id) as money_income_change

    from {{ ref('ext_tax_unit') }}
    group by household_id

),

extended as (

    select
        households.dataset_id,
        households.household_id + copies.copy_id * {{ copy_id_offset() }} as household_id,
        copies.copy_id,
        households.household_id as source_household_id,
        households.survey_year,
        households.income_year,
        households.state_fips,
        households.county_fips,
        households.design_weight * copies.design_weight_share as design_weight,
        households.is_metropolitan,
        households.tenure_type,
        households.household_size,
        households.is_group_quarters,
        households.is_public_housing,
        households.is_rent_subsidised,
        households.household_money_income + money_income_changes.money_income_change
            as household_money_income,
        {%- for benefit in benefits %}
            case
                when copies.copy_id >= 1 and households.{{ benefit }} is not null
                    then coalesce(anew.{{ benefit }}, households.{{ benefit }})
                else households.{{ benefit }}
            end as {{ benefit }},
        {%- endfor %}
        {%- for amount in housing %}
            coalesce(households.{{ amount }}, homes.{{ amount }}) as {{ amount }},
        {%- endfor %}
        {%- for item in vehicles %}
            coalesce({{ 'households.' ~ item ~ ',' if item != 'has_snap' }} possessions.{{ item }})
                as {{ item }},
        {%- endfor %}
        {%- for item in wealth %}
            draws.{{ item }},
        {%- endfor %}

        {%- for benefit in benefits %}
            case
                when copies.copy_id >= 1 and anew.{{ benefit }} is not null
                    then {{ drawn_origin('anew') }}
                when households.{{ benefit }} is not null then 'reported'
            end as {{ benefit }}_origin,
        {%- endfor %}
        {%- for amount, tenure in housing.items() %}
            case
                when households.{{ amount }} is not null
                    then coalesce(households.{{ amount }}_origin, 'reported')
                when homes.{{ amount }} is null then null
                when coalesce(households.tenure_type like '{{ tenure }}', false)
                    then {{ drawn_origin('homes') }}
                else 'structural_zero'
            end as {{ amount }}_origin,
        {%- endfor %}
        {%- for item in vehicles %}
            {{ drawn_origin('possessions') }} as {{ item }}_origin,
        {%- endfor %}
        {%- for item in wealth %}
            {{ drawn_origin('draws') }} as {{ item }}_origin,
        {%- endfor %}
        households.property_value

    from households
    inner join {{ ref('imp_copy') }} as copies on households.household_id = copies.household_id
    inner join {{ ref('imp_scf') }} as draws
        on
            households.household_id = draws.household_id
            and copies.copy_id = draws.copy_id
    inner join money_income_changes
        on
            households.household_id + copies.copy_id * {{ copy_id_offset() }}
            = money_income_changes.household_id
    left outer join {{ ref('imp_acs_housing') }} as homes
        on
            households.household_id = homes.household_id
            and copies.copy_id = homes.copy_id
    left outer join {{ ref('imp_sipp_household') }} as possessions
        on
            households.household_id = possessions.household_id
            and copies.copy_id = possessions.copy_id
    left outer join {{ ref('imp_cps_household') }} as anew
        on
            households.household_id = anew.household_id
            and copies.copy_id = anew.copy_id

)

select * from extended
