-- Grain: one row per imputation, year, type of benefit and sex of the aged panel.
-- Who is paid, and how much a month, beside SSA's count of the year for which it is at hand.
with

benefits as (

    select * from {{ ref('pnl_benefit') }}
    where is_paid

),

persons as (

    select
        imputation,
        panel_year,
        person_id,
        is_female,
        panel_weight

    from {{ ref('pnl_person') }}

),

counts as (

    select * from {{ ref('params_ssa_beneficiary') }}

),

grouped as (

    select
        benefits.imputation,
        benefits.panel_year,
        benefits.benefit_group,
        case when persons.is_female then 'female' else 'male' end as sex,
        count(*) as record_count,
        {{ exact_sum('persons.panel_weight') }} as persons,
        {{ exact_sum('persons.panel_weight * benefits.total_benefit') }} as monthly_benefits

    from benefits
    inner join persons
        on
            benefits.imputation = persons.imputation
            and benefits.panel_year = persons.panel_year
            and benefits.person_id = persons.person_id
    group by all

),

published as (

    select
        cast(year as integer) as panel_year,
        benefit_type as benefit_group,
        'male' as sex,
        cast(male as double) as persons,
        cast(male_average as double) as average_benefit

    from counts

    union all

    select
        cast(year as integer) as panel_year,
        benefit_type as benefit_group,
        'female' as sex,
        cast(female as double) as persons,
        cast(female_average as double) as average_benefit

    from counts

),

compared as (

    select
        grouped.imputation,
        grouped.panel_year,
        grouped.benefit_group,
        grouped.sex,
        grouped.record_count,
        grouped.persons,
        grouped.monthly_benefits / nullif(grouped.persons, 0) as average_benefit,
        published.persons as published_persons,
        published.average_benefit as published_benefit

    from grouped
    left outer join published
        on
            grouped.panel_year = published.panel_year
            and grouped.benefit_group = published.benefit_group
            and grouped.sex = published.sex

)

select * from compared
order by imputation, panel_year, benefit_group, sex
