{#- One of the up to seven jobs of a SIPP person-month; the class of worker is null where not held.
    Tips are TJBn_TXAMT: AJBn_TXAMT is their status flag, no dollars. -#}
{% macro sipp_job(number) -%}
    struct_pack(
        job_number := {{ number }},
        class_of_worker_code := cast(ejb{{ number }}_clwrk as integer),
        weekly_hours := cast(tjb{{ number }}_jobhrs1 as double),
        pay := cast(tjb{{ number }}_msum as double),
        tips := cast(tjb{{ number }}_txamt as double),
        pay_status_code := cast(ajb{{ number }}_msum as integer)
    )
{%- endmacro %}
