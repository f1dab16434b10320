-- Of couples of whom one alone is old enough for Social Security, whose benefit it is decides
-- little of how much it is. In Tax-Calculator's file it is twice as much where it is the spouse's:
-- if the file is mended, or we do not mend it, this says so. Nobody's is lost.
{{ config(
    enabled=target.name == 'tax_units',
    meta={'description': 'The benefit of a spouse is in the file twice, and with us once.'},
) }}
with

units as (

    select
        units.age_spouse > units.age_head as is_of_spouse,
        units.e02400 as file_amount,
        harmonized.social_security

    from {{ ref('stg_taxcalc_cps__tax_unit') }} as units
    left outer join {{ ref('int_tax_unit') }} as harmonized
        on
            units.dataset_id = harmonized.dataset_id
            and units.tax_unit_id = harmonized.tax_unit_id
    where
        units.mars_code = 2
        and units.e02400 > 0
        and greatest(units.age_head, units.age_spouse) >= 66
        and least(units.age_head, units.age_spouse) < 58

),

compared as (

    select
        count(*) filter (where social_security is null) as lost_count,
        median(file_amount) filter (where is_of_spouse)
        / median(file_amount) filter (where not is_of_spouse) as file_ratio,
        median(social_security) filter (where is_of_spouse)
        / median(social_security) filter (where not is_of_spouse) as ratio

    from units

)

select * from compared
where
    lost_count > 0
    or file_ratio not between 1.6 and 2.2
    or ratio not between 0.8 and 1.25
