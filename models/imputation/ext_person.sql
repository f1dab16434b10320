-- Grain: one row per person and copy of the Extended file.
-- In copy 1+ the tax unit's replaced capital incomes go to head and spouse as they reported them,
-- or to the head where neither did; dependants' own are part of what was replaced. Where the
-- survey has no person-level amounts (null), there are none in either copy, but for earnings: what
-- copy 1+ adds of self-employment is the head's; wages drawn anew are of head and spouse. Money
-- income moves with interest and dividends, with such wages, and with the benefits and
-- distributions that are drawn anew for copy 1+. Tips, accounts and last year's earnings come from
-- persons who told them.
{%- set anew = drawn_variables('imp_cps_person') %}
{%- set told = drawn_variables('imp_sipp_person') %}
{%- set last_year = drawn_variables('imp_cps_last_year') %}
with

persons as (

    select
        * exclude (
            -- Not asked in a base survey; other surveys of the build have them.
            property_income,
            retirement_income,
            months_observed,
            is_annualised,
            -- What is imputed has its origin by copy; of the rest, the harmonised record tells.
            child_support_expense_origin,
            child_support_received_origin,
            farm_income_origin,
            long_term_capital_gains_origin,
            non_qualified_dividend_income_origin,
            qualified_dividend_income_origin,
            rental_income_origin,
            short_term_capital_gains_origin,
            social_security_origin,
            tax_exempt_interest_income_origin,
            tax_exempt_private_pension_income_origin,
            taxable_interest_income_origin,
            taxable_private_pension_income_origin,
            unemployment_compensation_origin,
            veterans_benefits_origin,
            workers_compensation_origin
        ),
        coalesce(taxable_interest_income, 0)
        + coalesce(tax_exempt_interest_income, 0)
        + coalesce(qualified_dividend_income, 0)
        + coalesce(non_qualified_dividend_income, 0) as reported_capital_income,
        taxable_interest_income is not null as has_person_amounts

    from {{ base_records('person') }}

),

shared as (

    select
        *,
        case
            when tax_unit_role = 'dependent' then 0
            when fsum(reported_capital_income) over earners > 0
                then reported_capital_income / fsum(reported_capital_income) over earners
            else cast(tax_unit_role = 'head' as integer)
        end as unit_share,
        cast(tax_unit_role = 'head' as integer) as is_head,
        tax_unit_role != 'dependent' as is_taxpayer

    from persons
    window
        earners as (
            partition by tax_unit_id, tax_unit_role = 'dependent'
            order by person_id
            rows between unbounded preceding and unbounded following
        )

),

{%- set pointers = [
    'person_id', 'household_id', 'family_id', 'subfamily_id', 'spm_unit_id', 'tax_unit_id',
    'marital_unit_id', 'spouse_person_id', 'partner_person_id', 'parent1_person_id',
    'parent2_person_id',
] %}
{%- set capital_incomes = [
    'taxable_interest_income', 'tax_exempt_interest_income', 'qualified_dividend_income',
    'non_qualified_dividend_income',
] %}
{%- set accounts = [
    'taxable_401k_distributions', 'taxable_ira_distributions', 'tax_exempt_ira_distributions',
] %}
{%- set wages %}
    case
        when shared.is_head = 1 then tax_units.employment_income_head
        else tax_units.employment_income_spouse
    end
{%- endset %}
{#- Amounts whose origin the harmonised record has. #}
{%- set marked = ['retirement_contributions', 'ssi_reported', 'tanf_reported'] %}

copied as (

    select
        shared.* replace (
            {%- for pointer in pointers %}
                shared.{{ pointer }} + copies.copy_id * {{ copy_id_offset() }} as {{ pointer }},
            {%- endfor %}
            shared.design_weight * copies.design_weight_share as design_weight,
            shared.person_weight * copies.design_weight_share as person_weight,
            {%- for income in capital_incomes %}
                case
                    when copies.copy_id = 0 or not shared.has_person_amounts
                        then shared.{{ income }}
                    else shared.unit_share * tax_units.{{ income }}
                end as {{ income }},
            {%- endfor %}
            {%- for gains in ['long_term_capital_gains', 'short_term_capital_gains'] %}
                case
                    when copies.copy_id = 0 or not shared.has_person_amounts
                        then shared.{{ gains }}
                    else shared.is_head * tax_units.{{ gains }}
                end as {{ gains }},
            {%- endfor %}
            case
                when shared.has_person_amounts or shared.is_head = 0
                    then shared.self_employment_income
                else tax_units.self_employment_income_head
            end as self_employment_income,
            case
                when shared.has_person_amounts or shared.is_head = 0
                    then shared.self_employment_income_origin
                else tax_units.self_employment_income_origin
            end as self_employment_income_origin,
            case
                when not shared.is_taxpayer or tax_units.employment_income_origin = 'reported'
                    then shared.employment_income
                else {{ wages }}
            end as employment_income,
            case
                when not shared.is_taxpayer or tax_units.employment_income_origin = 'reported'
                    then shared.employment_income_origin
                else tax_units.employment_income_origin
            end as employment_income_origin,
            {%- for variable in anew %}
                coalesce(anew.{{ variable }}, shared.{{ variable }}) as {{ variable }},
            {%- endfor %}
            {%- for variable in told + last_year %}
                coalesce(
                    shared.{{ variable }},
                    {{ 'told' if variable in told else 'earlier' }}.{{ variable }}
                ) as {{ variable }},
            {%- endfor %}
            {%- for variable in anew if variable in marked %}
                case
                    when anew.{{ variable }} is not null then {{ drawn_origin('anew') }}
                    else shared.{{ variable }}_origin
                end as {{ variable }}_origin,
            {%- endfor %}
            case
                when copies.copy_id = 0 or not shared.has_person_amounts
                    then shared.total_money_income
                else
                    shared.total_money_income - shared.reported_capital_income
                    + shared.unit_share * (
                        tax_units.taxable_interest_income
                        + tax_units.tax_exempt_interest_income
                        + tax_units.qualified_dividend_income
                        + tax_units.non_qualified_dividend_income
                    )
                    + case
                        when
                            shared.is_taxpayer
                            and tax_units.employment_income_origin != 'reported'
                            then {{ wages }} - shared.employment_income
                        else 0
                    end
                    + coalesce(
                        anew.ssi_reported - shared.ssi_reported
                        + anew.tanf_reported - shared.tanf_reported
                        + cast(shared.age >= rules.distribution_money_age as integer)
                        * (
                            {%- for account in accounts %}
                                {{ '+' if not loop.first }}
                                anew.{{ account }} - shared.{{ account }}
                            {%- endfor %}
                        ),
                        0
                    )
            end as total_money_income
        ),
        {%- for variable in anew if variable not in marked %}
            case
                when anew.{{ variable }} is not null then {{ drawn_origin('anew') }}
                when shared.{{ variable }} is not null then 'reported'
            end as {{ variable }}_origin,
        {%- endfor %}
        {%- for variable in told + last_year %}
            {%- set source = 'told' if variable in told else 'earlier' %}
            case
                when shared.{{ variable }} is not null then 'reported'
                when {{ source }}.{{ variable }} is not null then {{ drawn_origin(source) }}
            end as {{ variable }}_origin,
        {%- endfor %}
        copies.copy_id

    from shared
    cross join {{ ref('params_cps_asec_rule') }} as rules
    inner join {{ ref('imp_copy') }} as copies on shared.household_id = copies.household_id
    inner join {{ ref('ext_tax_unit') }} as tax_units
        on
            shared.tax_unit_id + copies.copy_id * {{ copy_id_offset() }} = tax_units.tax_unit_id
    left outer join {{ ref('imp_cps_person') }} as anew
        on shared.person_id = anew.person_id and copies.copy_id = anew.copy_id
    left outer join {{ ref('imp_sipp_person') }} as told
        on shared.person_id = told.person_id and copies.copy_id = told.copy_id
    left outer join {{ ref('imp_cps_last_year') }} as earlier
        on shared.person_id = earlier.person_id and least(copies.copy_id, 1) = earlier.copy_id

),

extended as (

    select
        * exclude (
            reported_capital_income, has_person_amounts, unit_share, is_head, is_taxpayer
        )

    from copied

)

select * from extended
