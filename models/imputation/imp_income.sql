-- Grain: one row per tax unit of the base records and copy (1 stands for all that follow) that
-- knows an income otherwise than it was told: received though not reported; not received, or
-- another amount, though imputed. Null is as told.
-- A distribution is money income as it is; of a pension all is, taxed or not.
with

candidates as (

    select * from {{ ref('imp_income_candidate') }}

),

receipts as (

    select * from {{ ref('imp_receipt_draw') }}

),

known as (

    select
        candidates.*,
        case when receipts.tax_unit_id is not null then candidates.amount else 0 end
            as known_amount,
        case when receipts.tax_unit_id is not null then candidates.gross_amount else 0 end
            as known_gross_amount

    from candidates
    left outer join receipts
        on
            candidates.income = receipts.income
            and candidates.tax_unit_id = receipts.tax_unit_id
            and candidates.copy_id = receipts.copy_id

),

changed as (

    select * from known
    where known_amount != told_amount or known_gross_amount != told_gross_amount

),

widened as (

    select
        tax_unit_id,
        copy_id,
        max(household_id) as household_id,
        max(dataset_id) as donor_dataset_id,
        {%- for income in [
            'self_employment_income', 'taxable_ira_distributions', 'taxable_pension_income',
        ] %}
            max(known_amount) filter (where income = '{{ income }}') as {{ income }},
        {%- endfor %}
        max(known_gross_amount) filter (where income = 'taxable_pension_income')
            as total_pension_income,
        fsum(known_gross_amount - told_gross_amount order by income) as money_income_change

    from changed
    group by tax_unit_id, copy_id

)

select * from widened
