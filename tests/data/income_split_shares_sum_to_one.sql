{{ config(meta={"description": "The parts of a bundled income item make the whole."}) }}

select
    income_year,
    survey_concept,
    fsum(share) as share_total

from {{ ref('params_income_split') }}
group by income_year, survey_concept
having abs(share_total - 1) > 1e-12
