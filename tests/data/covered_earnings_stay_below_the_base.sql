-- Taxable earnings above the contribution and benefit base of their year: the publisher cuts them
-- there, so that a row here means another year, another unit, or a wrong base.
{{ config(enabled=target.name != 'tax_units', meta={
    "description": "No taxable earnings lie above the base of their year."
}) }}
select
    years.dataset_id,
    years.person_id,
    years.income_year,
    years.earnings_covered_capped,
    bases.contribution_base
from {{ ref('int_person_year') }} as years
inner join {{ ref('params_ssa_contribution_base') }} as bases
    on years.income_year = bases.year
where years.earnings_covered_capped > bases.contribution_base
