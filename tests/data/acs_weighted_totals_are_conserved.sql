{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "Weighted totals of the raw ACS records arrive in the harmonised tables, to 1e-9."}
) }}

with

raw_persons as (

    select
        _dataset_id as dataset_id,
        cast(pwgtp as double) as weight,
        cast(pwgtp as double) * cast(adjinc as double) / 1000000 as scale,
        *

    from {{ source('acs', 'person') }}

),

raw_totals as (

    select
        dataset_id,
        fsum(weight) as persons,
        fsum(scale * cast(wagp as double)) as wages,
        fsum(scale * cast(semp as double)) as self_employment,
        fsum(scale * cast(intp as double)) as property,
        fsum(scale * cast(ssp as double)) as social_security,
        fsum(scale * cast(ssip as double)) as ssi,
        fsum(scale * cast(pap as double)) as assistance,
        fsum(scale * cast(retp as double)) as retirement,
        fsum(scale * cast(oip as double)) as other,
        fsum(scale * cast(pincp as double)) as money_income

    from raw_persons
    group by dataset_id

),

person_totals as (

    select
        dataset_id,
        fsum(person_weight) as persons,
        fsum(person_weight * employment_income) as wages,
        fsum(person_weight * self_employment_income) as self_employment,
        fsum(person_weight * property_income) as property,
        fsum(person_weight * social_security) as social_security,
        fsum(person_weight * ssi_reported) as ssi,
        fsum(person_weight * tanf_reported) as assistance,
        fsum(person_weight * retirement_income) as retirement,
        fsum(person_weight * other_income) as other,
        fsum(person_weight * total_money_income) as money_income

    from {{ ref('int_person__acs') }}
    group by dataset_id

),

raw_homes as (

    select
        _dataset_id as dataset_id,
        fsum(cast(wgtp as double)) as homes,
        fsum(cast(wgtp as double) * cast(rntp as double) * 12 * cast(adjhsg as double) / 1000000)
            as rent,
        fsum(cast(wgtp as double) * cast(taxamt as double) * cast(adjhsg as double) / 1000000)
            as property_tax,
        fsum(cast(wgtp as double) * cast(hincp as double) * cast(adjinc as double) / 1000000)
            as household_income

    from {{ source('acs', 'household') }}
    where cast(np as integer) > 0
    group by _dataset_id

),

household_totals as (

    select
        dataset_id,
        fsum(design_weight) as homes,
        fsum(design_weight * rent) as rent,
        fsum(design_weight * real_estate_taxes) as property_tax,
        fsum(design_weight * household_money_income) as household_income

    from {{ ref('int_household__acs') }}
    group by dataset_id

),

raw_rows as (

    unpivot raw_totals on columns(* exclude (dataset_id)) into name item value total
    union all by name
    unpivot raw_homes on columns(* exclude (dataset_id)) into name item value total

),

harmonized_rows as (

    unpivot person_totals on columns(* exclude (dataset_id)) into name item value total
    union all by name
    unpivot household_totals on columns(* exclude (dataset_id)) into name item value total

)

select
    raw_rows.dataset_id,
    raw_rows.item,
    raw_rows.total as raw_total,
    harmonized_rows.total as harmonized_total

from raw_rows
left outer join harmonized_rows
    on raw_rows.dataset_id = harmonized_rows.dataset_id and raw_rows.item = harmonized_rows.item
where
    harmonized_rows.total is null
    or abs(harmonized_rows.total - raw_rows.total) > 1e-9 * abs(raw_rows.total)
