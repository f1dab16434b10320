-- Copy 0 has the money of the business that was drawn beyond what was told, where the base asks for
-- neither rents nor partnerships, and nothing else that was not told. What a return shows of it is
-- as much, of either sign, or nothing. Units of which an imputed distribution was corrected move by
-- that too, and are left out.
{{ config(
    meta={'description': 'Copy 0 adds the drawn business income to what was told, no more.'},
) }}
select
    units.tax_unit_id,
    units.money_income_change,
    units.partnership_s_corp_income,
    draws.drawn_business_income

from {{ ref('ext_tax_unit') }} as units
inner join {{ ref('imp_drawn_income') }} as draws
    on units.tax_unit_id = draws.tax_unit_id and units.copy_id = draws.copy_id
where
    units.copy_id = 0
    and units.taxable_ira_distributions_origin = 'reported'
    and units.partnership_s_corp_income_origin != 'reported'
    and (
        units.money_income_change
        != if(units.rental_income is null, draws.drawn_business_income, 0)
        or abs(units.partnership_s_corp_income) not in (0, abs(draws.drawn_business_income))
    )
