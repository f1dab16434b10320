-- Grain: one row per person of the SIPP, over the months and jobs of the reference year.
-- Wages are the pay of jobs for an employer or for one's own incorporated business; tips are part
-- of them. Months in which a job is not held pay nothing. Hours are of all jobs of a month, on
-- average over the months with a job.
{{ config(enabled=target.name != 'tax_units') }}
with

months as (

    select * from {{ ref('stg_sipp__person_month') }}

),

held as (

    select
        dataset_id,
        person_id,
        reference_month,
        -- Gives the columns of a job.
        unnest(jobs, recursive := true)  -- noqa: AL03

    from months

),

described as (

    select
        held.*,
        classes.is_employee,
        coalesce(flags.is_allocated, false) as is_allocated

    from held
    inner join {{ ref('codes_sipp_class_of_worker') }} as classes
        on held.class_of_worker_code = classes.code
    left outer join {{ ref('codes_sipp_status_flag') }} as flags
        on held.pay_status_code = flags.code

),

summed as (

    select
        dataset_id,
        person_id,
        fsum(pay order by reference_month, job_number) filter (where is_employee) as wages,
        fsum(tips order by reference_month, job_number) as tips,
        fsum(weekly_hours order by reference_month, job_number) / count(distinct reference_month)
            as weekly_hours_worked,
        coalesce(bool_or(is_allocated) filter (where is_employee), false) as is_wage_allocated,
        coalesce(bool_or(is_allocated) filter (where not is_employee), false)
            as is_profit_allocated

    from described
    group by dataset_id, person_id

)

select * from summed
