-- Grain: one row per household of the base records and copy of the Extended file.
-- Which draw from the SCF each copy has, and its share of the survey's weight. Copy 0 has a draw of
-- its own. Of the others, which share the weight of copy 1, those that would make the household rich
-- are a copy each; one of the rest, the first, is copy 1 and stands for them all. So there are many
-- different rich records of small weight, none is left out, and totals stay what they would be.
{%- set rich = var('rich_draws') %}
with

recipients as (

    select
        household_id,
        business_income,
        employment_income + retirement_income + transfer_income + business_income as told_income

    from {{ ref('imp_scf_recipient') }}

),

judged as (

    select
        draws.household_id,
        draws.copy_id as draw_id,
        recipients.told_income
        + draws.interest_dividend_income
        + draws.capital_gains
        + greatest(draws.business_income - greatest(recipients.business_income, 0), 0)
        >= {{ rich.income }} as is_rich

    from {{ ref('imp_scf_draw') }} as draws
    inner join recipients on draws.household_id = recipients.household_id

),

anew as (

    select
        household_id,
        draw_id,
        is_rich,
        count(*) over (partition by household_id) as draw_count,
        count(*) filter (where not is_rich) over (partition by household_id) as ordinary_count,
        row_number() over (
            partition by household_id
            order by is_rich asc, draw_id asc
        ) as place

    from judged
    where draw_id > 0

),

kept as (

    select
        household_id,
        draw_id,
        cast(
            case when place = 1 then 1 else place - greatest(ordinary_count - 1, 0) end as integer
        ) as copy_id,
        case when is_rich then 1 else ordinary_count end / draw_count as share_of_draws

    from anew
    where is_rich or place = 1
    union all
    select
        household_id,
        draw_id,
        0 as copy_id,
        1 as share_of_draws

    from judged
    where draw_id = 0

),

copies as (

    select
        kept.household_id,
        kept.draw_id,
        kept.copy_id,
        kept.share_of_draws * shares.design_weight_share as design_weight_share

    from kept
    inner join {{ ref('params_copy') }} as shares on least(kept.copy_id, 1) = shares.copy_id

)

select * from copies
