-- Grain: one row per family and implicate of the SCF summary extract; five rows are one family.
-- Rename, cast, decode. `WGT` is already divided by five, so the weights of all rows sum to the
-- number of families. Amounts are in survey-year dollars; incomes are those of the year before.
-- Nuance: a family is the primary economic unit, not the household; its reference person is the
-- man of a mixed-sex couple. Before 2022 the extract has no Asian class: there it is `other`.
with

source as (

    select * from {{ source('scf', 'family') }}

),

decoded as (

    select
        _dataset_id as dataset_id,
        cast(yy1 as bigint) as family_id,
        cast(y1 as bigint) - 10 * cast(yy1 as bigint) as implicate,
        _survey_year as survey_year,
        _income_year as income_year,
        cast(wgt as double) as design_weight,

        cast(age as integer) as age,
        cast(hhsex as integer) = 2 as is_female,
        {{ yes_no('married') }} as is_married_or_partnered,
        cast(kids as integer) as n_children,
        case coalesce(cast(racecl5 as integer), cast(racecl4 as integer))
            when 1 then 'white'
            when 2 then 'black'
            when 3 then 'hispanic'
            when 4 then case when racecl5 is null then 'other' else 'asian' end
            when 5 then 'other'
        end as race_ethnicity,
        case cast(edcl as integer)
            when 1 then 'lt_hs'
            when 2 then 'hs'
            when 3 then 'some_college'
            when 4 then 'ba_or_more'
        end as education,
        cast(houses as double) > 0 as is_homeowner,

        cast(asset as double) as asset_value,
        cast(bond as double) as bond_assets,
        cast(bussefarminc as double) as business_farm_income,
        cast(kginc as double) as capital_gains,
        cast(ccbal as double) as credit_card_balance,
        cast(debt as double) as debt,
        cast(edn_inst as double) as education_loan_balance,
        cast(wageinc as double) as employment_income,
        cast(houses as double) as home_value,
        cast(intdivinc as double) as interest_dividend_income,
        cast(liq as double) as liquid_assets,
        cast(mrthel as double) as mortgage_balance,
        cast(networth as double) as net_worth,
        cast(ssretinc as double) as social_security_retirement_income,
        cast(stocks as double) as stock_assets,
        cast(income as double) as total_income,
        cast(transfothinc as double) as transfer_other_income,
        cast(veh_inst as double) as vehicle_loan_balance,
        cast(vehic as double) as vehicle_value,
        12 * cast(rent as double) as rent

    from source

)

select * from decoded
