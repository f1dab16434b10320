-- Grain: one row per tax unit of the base records and copy but copy 0: what depends on its incomes.
-- Benefits, and what is taken out of retirement accounts, as drawn anew given the replaced incomes:
-- summed over the unit's persons where they were drawn by person, else the unit's part of what its
-- household drew: as reported, or all to the reference person's unit where nobody reported any.
-- Where the base hears of an income too seldom, the unit has what `imp_income` knows.
-- Nuance: a return has the distributions of head and spouse; money income those of everybody, from
-- the age on that the survey counts them.
{%- set of_household = ['housing_value', 'medicaid_value', 'snap', 'ssi', 'tanf', 'wic'] %}
{%- set accounts = [
    'taxable_401k_distributions', 'taxable_ira_distributions', 'tax_exempt_ira_distributions',
] %}
{%- set accounts_of = {
    'taxable_ira_distributions': 'taxable_ira_distributions',
    'taxable_pension_income': 'taxable_401k_distributions',
    'total_pension_income': 'taxable_401k_distributions',
} %}
with

tax_units as (

    select * from {{ base_records('tax_unit') }}

),

changes as (

    select
        persons.tax_unit_id,
        draws.copy_id,
        max(draws.donor_dataset_id) as donor_dataset_id,
        fsum(draws.ssi_reported order by persons.person_id) as ssi,
        fsum(draws.tanf_reported order by persons.person_id) as tanf,
        {%- for account in accounts %}
            fsum(
                (draws.{{ account }} - persons.{{ account }})
                * cast(persons.tax_unit_role != 'dependent' as integer)
                order by persons.person_id
            ) as {{ account }}_change,
        {%- endfor %}
        fsum(
            draws.ssi_reported - persons.ssi_reported
            + draws.tanf_reported - persons.tanf_reported
            + cast(persons.age >= rules.distribution_money_age as integer)
            * (
                {%- for account in accounts %}
                    {{ '+' if not loop.first }} draws.{{ account }} - persons.{{ account }}
                {%- endfor %}
            )
            order by persons.person_id
        ) as money_income_change

    from {{ base_records('person') }} as persons
    cross join {{ ref('params_cps_asec_rule') }} as rules
    inner join {{ ref('imp_cps_person') }} as draws on persons.person_id = draws.person_id
    group by persons.tax_unit_id, draws.copy_id

),

households as (

    select
        {% for benefit in of_household -%}
            fsum({{ benefit }} order by tax_unit_id) as {{ benefit }},
        {% endfor -%}
        household_id

    from tax_units
    group by household_id

),

shared as (

    select
        {% for benefit in of_household -%}
            draws.{{ 'snap_reported' if benefit == 'snap' else benefit }}
            * case
                when households.{{ benefit }} > 0
                    then tax_units.{{ benefit }} / households.{{ benefit }}
                else cast(recipients.reference_tax_unit_id = tax_units.tax_unit_id as integer)
            end as {{ benefit }},
        {% endfor -%}
        tax_units.tax_unit_id,
        draws.copy_id

    from tax_units
    inner join households on tax_units.household_id = households.household_id
    inner join {{ ref('imp_scf_recipient') }} as recipients
        on tax_units.household_id = recipients.household_id
    inner join {{ ref('imp_cps_household') }} as draws
        on tax_units.household_id = draws.household_id

),

dependent as (

    select
        tax_units.tax_unit_id,
        copies.copy_id,
        {%- for benefit in of_household %}
            {#- What the base does not carry stays unknown. #}
            case
                when tax_units.{{ benefit }} is null then null
                else coalesce(
                    {{ 'changes.' ~ benefit ~ ',' if benefit in ['ssi', 'tanf'] }}
                    shared.{{ benefit }}, tax_units.{{ benefit }}
                )
            end as {{ benefit }},
        {%- endfor %}
        {%- for amount, account in accounts_of.items() %}
            coalesce(
                missed.{{ amount }},
                tax_units.{{ amount }} + coalesce(changes.{{ account }}_change, 0)
            ) as {{ amount }},
            case
                when missed.{{ amount }} is not null
                    then {{ drawn_origin('missed') }}
                when changes.{{ account }}_change != 0
                    then {{ drawn_origin('changes') }}
                else 'reported'
            end as {{ amount }}_origin,
        {%- endfor %}
        coalesce(missed.self_employment_income, tax_units.self_employment_income)
            as self_employment_income,
        tax_units.self_employment_income_head
        + coalesce(missed.self_employment_income - tax_units.self_employment_income, 0)
            as self_employment_income_head,
        case
            when missed.self_employment_income is null then 'reported'
            else {{ drawn_origin('missed') }}
        end as self_employment_income_origin,
        coalesce(
            changes.money_income_change,
            shared.ssi - tax_units.ssi + shared.tanf - tax_units.tanf,
            0
        ) + coalesce(missed.money_income_change, 0) as money_income_change

    from tax_units
    inner join {{ ref('imp_copy') }} as copies
        on tax_units.household_id = copies.household_id and copies.copy_id > 0
    left outer join changes
        on tax_units.tax_unit_id = changes.tax_unit_id and copies.copy_id = changes.copy_id
    left outer join shared
        on tax_units.tax_unit_id = shared.tax_unit_id and copies.copy_id = shared.copy_id
    left outer join {{ ref('imp_income') }} as missed
        on
            tax_units.tax_unit_id = missed.tax_unit_id
            and missed.copy_id = 1

)

select * from dependent
