-- Grain: one row per imputation, year and tenth of retired workers of the aged panel by AIME.
-- What own retirement benefits replace of the earnings that they are computed from. Tenths are of
-- all retired workers of the year, by persons represented.
with

benefits as (

    select * from {{ ref('pnl_benefit') }}
    where
        benefit_type = 'retired_worker'
        and average_indexed_earnings > 0
        and replacement_share is not null

),

persons as (

    select
        imputation,
        panel_year,
        person_id,
        panel_weight

    from {{ ref('pnl_person') }}

),

retired as (

    select
        benefits.imputation,
        benefits.panel_year,
        benefits.person_id,
        benefits.average_indexed_earnings,
        benefits.total_benefit,
        benefits.replacement_share,
        persons.panel_weight

    from benefits
    inner join persons
        on
            benefits.imputation = persons.imputation
            and benefits.panel_year = persons.panel_year
            and benefits.person_id = persons.person_id

),

reached as (

    select
        *,
        fsum(panel_weight) over (
            partition by imputation, panel_year
            order by average_indexed_earnings, person_id
            rows unbounded preceding
        ) - panel_weight / 2 as weight_below,
        fsum(panel_weight) over (partition by imputation, panel_year) as whole_weight

    from retired

),

placed as (

    select
        *,
        cast(least(floor(10 * weight_below / whole_weight), 9) + 1 as integer) as decile

    from reached

),

averaged as (

    select
        imputation,
        panel_year,
        decile,
        count(*) as record_count,
        {{ exact_sum('panel_weight') }} as persons,
        {{ exact_sum('panel_weight * average_indexed_earnings') }}
        / {{ exact_sum('panel_weight') }} as average_indexed_earnings,
        {{ exact_sum('panel_weight * total_benefit') }}
        / {{ exact_sum('panel_weight') }} as average_benefit,
        {{ exact_sum('panel_weight * replacement_share') }}
        / {{ exact_sum('panel_weight') }} as replacement_share

    from placed
    group by imputation, panel_year, decile

)

select * from averaged
order by imputation, panel_year, decile
