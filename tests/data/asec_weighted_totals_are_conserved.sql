{{ config(
    enabled=target.name != 'tax_units',
    meta={"description": "Each vintage's weighted raw totals arrive in the harmonised tables, to 1e-9."}
) }}

with

raw_totals as (

    select
        _dataset_id as dataset_id,
        fsum(cast(marsupwt as double) / 100) as persons,
        fsum(cast(marsupwt as double) / 100 * cast(wsal_val as double)) as wages,
        fsum(cast(marsupwt as double) / 100 * cast(semp_val as double)) as self_employment,
        fsum(cast(marsupwt as double) / 100 * cast(frse_val as double)) as farming,
        fsum(cast(marsupwt as double) / 100 * cast(int_val as double)) as interest,
        fsum(cast(marsupwt as double) / 100 * cast(div_val as double)) as dividends,
        fsum(cast(marsupwt as double) / 100 * cast(cap_val as double)) as capital_gains,
        fsum(cast(marsupwt as double) / 100 * cast(rnt_val as double)) as rents,
        fsum(cast(marsupwt as double) / 100 * cast(ss_val as double)) as social_security,
        fsum(cast(marsupwt as double) / 100 * cast(ssi_val as double)) as ssi,
        fsum(cast(marsupwt as double) / 100 * cast(uc_val as double)) as unemployment,
        fsum(cast(marsupwt as double) / 100 * cast(wc_val as double)) as workers_compensation,
        fsum(cast(marsupwt as double) / 100 * cast(vet_val as double)) as veterans,
        fsum(cast(marsupwt as double) / 100 * cast(paw_val as double)) as public_assistance,
        fsum(
            cast(marsupwt as double) / 100
            * (cast(pnsn_val as double) + cast(ann_val as double))
        ) as pensions,
        fsum(
            cast(marsupwt as double) / 100 * (
                cast(dst_val1 as double)
                + cast(dst_val2 as double)
                + cast(dst_val1_yng as double)
                + cast(dst_val2_yng as double)
            )
        ) as distributions,
        fsum(cast(marsupwt as double) / 100 * cast(ptotval as double)) as money_income

    from {{ source('cps_asec', 'person') }}
    group by _dataset_id

),

person_totals as (

    select
        dataset_id,
        fsum(person_weight) as persons,
        fsum(person_weight * employment_income) as wages,
        fsum(person_weight * self_employment_income) as self_employment,
        fsum(person_weight * farm_income) as farming,
        fsum(person_weight * (taxable_interest_income + tax_exempt_interest_income)) as interest,
        fsum(person_weight * (qualified_dividend_income + non_qualified_dividend_income))
            as dividends,
        fsum(person_weight * (long_term_capital_gains + short_term_capital_gains))
            as capital_gains,
        fsum(person_weight * rental_income) as rents,
        fsum(
            person_weight * (
                social_security_retirement
                + social_security_disability
                + social_security_survivors
                + social_security_dependents
            )
        ) as social_security,
        fsum(person_weight * ssi_reported) as ssi,
        fsum(person_weight * unemployment_compensation) as unemployment,
        fsum(person_weight * workers_compensation) as workers_compensation,
        fsum(person_weight * veterans_benefits) as veterans,
        fsum(person_weight * tanf_reported) as public_assistance,
        fsum(
            person_weight * (taxable_private_pension_income + tax_exempt_private_pension_income)
        ) as pensions,
        fsum(
            person_weight * (
                taxable_ira_distributions
                + tax_exempt_ira_distributions
                + taxable_401k_distributions
            )
        ) as distributions,
        fsum(person_weight * total_money_income) as money_income

    from {{ ref('int_person__cps_asec') }}
    group by dataset_id

),

raw_rows as (

    unpivot raw_totals on columns(* exclude (dataset_id)) into name item value total

),

person_rows as (

    unpivot person_totals on columns(* exclude (dataset_id)) into name item value total

)

select
    raw_rows.dataset_id,
    raw_rows.item,
    raw_rows.total as raw_total,
    person_rows.total as harmonized_total

from raw_rows
left outer join person_rows
    on raw_rows.dataset_id = person_rows.dataset_id and raw_rows.item = person_rows.item
where
    person_rows.total is null
    or abs(person_rows.total - raw_rows.total) > 1e-9 * abs(raw_rows.total)
