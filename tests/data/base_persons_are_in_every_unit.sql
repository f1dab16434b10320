{{ config(
    meta={"description": "A base person is in a family, an SPM unit and a tax unit, and decoded."}
) }}

select
    dataset_id,
    person_id
from {{ base_records('person') }}
where
    family_id is null
    or spm_unit_id is null
    or tax_unit_id is null
    or marital_unit_id is null
    or tax_unit_role is null
    or is_reference_person is null
    or employment_income_origin is null
    or self_employment_income_origin is null
