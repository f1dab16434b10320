-- Grain: one row per occupied housing unit of the ACS, and per resident of group quarters.
-- Amounts a year, in dollars of the calendar year: ADJINC applied to incomes, ADJHSG to rents and
-- property taxes told as amounts. Bands of older vintages, to which no factor applies, are their
-- middle. Owners pay no rent and tenants no property tax: zeros that are known.
-- Nuance: vacant units are no households. A resident of group quarters is one placeholder of
-- weight zero, so persons there count by their own weights only.
{{ config(enabled=target.name != 'tax_units') }}
with

records as (

    select * from {{ ref('stg_acs__household') }}
    where household_size > 0

),

harmonized as (

    select
        records.dataset_id,
        records.household_id,
        records.survey_year,
        records.income_year,
        records.state_fips,
        records.puma,
        tenures.tenure_type,
        records.household_size,
        unit_types.is_group_quarters,
        records.vehicles_owned,
        records.design_weight,
        records.household_money_income * records.income_adjustment as household_money_income,
        coalesce(records.property_value, property_values.middle) as property_value,
        case
            when tenures.tenure_type in ('rented', 'rent_free') then 0
            else coalesce(
                records.property_tax * records.housing_adjustment, property_taxes.middle
            )
        end as real_estate_taxes,
        case
            when tenures.tenure_type <> 'rented' then 0
            else records.monthly_rent * rules.months_per_year * records.housing_adjustment
        end as rent,
        case
            when tenures.tenure_type in ('rented', 'rent_free') then 'structural_zero'
            when coalesce(records.property_tax, records.property_tax_code) is not null
                then
                    case when records.is_property_tax_allocated then 'allocated' else 'reported' end
        end as real_estate_taxes_origin,
        case
            when tenures.tenure_type <> 'rented' then 'structural_zero'
            when records.monthly_rent is not null
                then case when records.is_rent_allocated then 'allocated' else 'reported' end
        end as rent_origin

    from records
    cross join {{ ref('params_acs_rule') }} as rules
    left outer join {{ ref('codes_acs_tenure') }} as tenures
        on records.tenure_code = tenures.code
    left outer join {{ ref('codes_acs_unit_type') }} as unit_types
        on records.unit_type_code = unit_types.code
    left outer join {{ ref('codes_acs_property_tax') }} as property_taxes
        on records.property_tax_code = property_taxes.code
    left outer join {{ ref('codes_acs_property_value') }} as property_values
        on records.property_value_code = property_values.code

)

select * from harmonized
