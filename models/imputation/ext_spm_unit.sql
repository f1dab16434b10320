-- Grain: one row per SPM unit and copy of the Extended file.
-- Resources of copy 1+ would be those of other incomes and are null; its benefits are the unit's
-- part of what its household drew anew: as reported, or all to the household's first unit where
-- nobody reported any.
{%- set benefits = {
    'broadband_subsidy': 'broadband_subsidy', 'energy_subsidy': 'energy_assistance_reported',
    'housing_subsidy': 'housing_subsidy', 'school_meals': 'school_meals',
    'snap': 'snap_reported', 'wic': 'wic',
} %}
with

spm_units as (

    select * from {{ base_records('spm_unit') }}

),

households as (

    select
        {% for benefit in benefits -%}
            fsum({{ benefit }} order by spm_unit_id) as {{ benefit }},
        {% endfor -%}
        household_id,
        min(spm_unit_id) as first_spm_unit_id

    from spm_units
    group by household_id

),

shared as (

    select
        {% for benefit, drawn in benefits.items() -%}
            coalesce(
                draws.{{ drawn }}
                * case
                    when households.{{ benefit }} > 0
                        then spm_units.{{ benefit }} / households.{{ benefit }}
                    else cast(spm_units.spm_unit_id = households.first_spm_unit_id as integer)
                end,
                spm_units.{{ benefit }}
            ) as {{ benefit }},
        {% endfor -%}
        spm_units.spm_unit_id,
        copies.copy_id

    from spm_units
    inner join {{ ref('imp_copy') }} as copies on spm_units.household_id = copies.household_id
    inner join households on spm_units.household_id = households.household_id
    left outer join {{ ref('imp_cps_household') }} as draws
        on spm_units.household_id = draws.household_id and copies.copy_id = draws.copy_id

),

extended as (

    select
        spm_units.* replace (
            spm_units.spm_unit_id + copies.copy_id * {{ copy_id_offset() }} as spm_unit_id,
            spm_units.household_id + copies.copy_id * {{ copy_id_offset() }} as household_id,
            spm_units.design_weight * copies.design_weight_share as design_weight,
            {%- for benefit in benefits %}
                case
                    when copies.copy_id = 0 then spm_units.{{ benefit }}
                    else shared.{{ benefit }}
                end as {{ benefit }},
            {%- endfor %}
            case when copies.copy_id = 0 then spm_units.federal_tax end as federal_tax,
            case when copies.copy_id = 0 then spm_units.state_tax end as state_tax,
            case when copies.copy_id = 0 then spm_units.spm_resources end as spm_resources,
            case when copies.copy_id = 0 then spm_units.is_spm_poor end as is_spm_poor
        ),
        copies.copy_id

    from spm_units
    inner join {{ ref('imp_copy') }} as copies on spm_units.household_id = copies.household_id
    inner join shared
        on spm_units.spm_unit_id = shared.spm_unit_id and copies.copy_id = shared.copy_id

)

select * from extended
