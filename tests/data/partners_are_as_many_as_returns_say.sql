-- Before any weight is moved, so many have gains, and losses, from partnerships and S corporations
-- as are published, and nobody has more dollars of either than returns do. Of the richest too few
-- draws are rich enough, and fewer of the losses are found than of the gains.
{{ config(
    enabled=target.name == 'tax_units',
    meta={'description': 'Gains within 2 percent of the published returns, losses within 10.'},
) }}
with

had as (

    select
        fsum(weights.design_weight order by partners.tax_unit_id, partners.copy_id)
        filter (where partners.partnership_income > 0) as gain_count,
        fsum(weights.design_weight order by partners.tax_unit_id, partners.copy_id)
        filter (where partners.partnership_income < 0) as loss_count,
        fsum(
            weights.design_weight * partners.partnership_income
            order by partners.tax_unit_id, partners.copy_id
        ) filter (where partners.partnership_income > 0) as gain_amount,
        fsum(
            -weights.design_weight * partners.partnership_income
            order by partners.tax_unit_id, partners.copy_id
        ) filter (where partners.partnership_income < 0) as loss_amount

    from {{ ref('imp_partnership') }} as partners
    inner join {{ ref('imp_partnership_candidate') }} as weights
        on
            partners.tax_unit_id = weights.tax_unit_id
            and partners.copy_id = weights.copy_id

),

published as (

    select
        fsum(gain_count order by adjusted_gross_income_lower) as gain_count,
        fsum(loss_count order by adjusted_gross_income_lower) as loss_count,
        fsum(gain_amount order by adjusted_gross_income_lower) as gain_amount,
        fsum(loss_amount order by adjusted_gross_income_lower) as loss_amount

    from {{ ref('imp_partnership_band') }}

)

select
    had.gain_count / published.gain_count as gain_count_ratio,
    had.loss_count / published.loss_count as loss_count_ratio,
    had.gain_amount / published.gain_amount as gain_amount_ratio,
    had.loss_amount / published.loss_amount as loss_amount_ratio

from had
cross join published
where
    gain_count_ratio not between 0.98 and 1.02
    or loss_count_ratio not between 0.9 and 1.02
    or gain_amount_ratio > 1.02
    or loss_amount_ratio > 1.02
