-- Grain: one row per household of the base records and copy of the Extended file.
-- Which draw from the SCF each copy has, and its share of the survey's weight. Copy 0 has a draw of
-- its own. The others share the weight of copy 1, and are chosen from many draws by the income that
-- they make: of each stratum of incomes that a household draws, the first draw or a share of them,
-- standing for all of the stratum. So there are many different rich records of small weight, and
-- weighted totals are expected to be those of all draws.
with

recipients as (

    select
        household_id,
        business_income,
        employment_income,
        employment_income + retirement_income + transfer_income + business_income as told_income

    from {{ ref('imp_scf_recipient') }}

),

incomes as (

    select
        draws.household_id,
        draws.copy_id as draw_id,
        recipients.told_income
        + coalesce(wages.employment_income - recipients.employment_income, 0)
        + draws.interest_dividend_income
        + draws.capital_gains
        + greatest(draws.business_income - greatest(recipients.business_income, 0), 0) as income

    from {{ ref('imp_scf_draw') }} as draws
    inner join recipients on draws.household_id = recipients.household_id
    left outer join {{ ref('imp_scf_recipient_wage') }} as wages
        on draws.household_id = wages.household_id and draws.copy_id = wages.draw_id

),

judged as (

    select
        incomes.household_id,
        incomes.draw_id,
        coalesce(strata.income_lower, 0) as stratum,
        coalesce(strata.kept_share, 0) as kept_share

    from incomes
    asof left join {{ ref('params_rich_draw') }} as strata
        on incomes.income >= strata.income_lower
    where incomes.draw_id > 0

),

placed as (

    select
        household_id,
        draw_id,
        stratum,
        count(*) over (partition by household_id) as draw_count,
        count(*) over (partition by household_id, stratum) as stratum_count,
        row_number() over (partition by household_id, stratum order by draw_id) as place,
        greatest(
            ceil(count(*) over (partition by household_id, stratum) * kept_share), 1
        ) as kept_count

    from judged

),

kept as (

    select
        household_id,
        draw_id,
        row_number() over (partition by household_id order by stratum, draw_id) as copy_id,
        stratum_count / draw_count / kept_count as share_of_draws

    from placed
    where place <= kept_count
    union all
    select
        household_id,
        draw_id,
        0 as copy_id,
        1 as share_of_draws

    from incomes
    where draw_id = 0

),

copies as (

    select
        kept.household_id,
        kept.draw_id,
        cast(kept.copy_id as integer) as copy_id,
        kept.share_of_draws * survey.design_weight_share as design_weight_share

    from kept
    inner join {{ ref('params_copy') }} as survey
        on
            least(kept.copy_id, 1) = survey.copy_id
            and survey.build_target = '{{ target.name }}'

)

select * from copies
