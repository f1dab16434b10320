"""How real extracts of panels become rows of `int_person_year`, in SQL.

What each column means was found out from its numbers where the extracts do not say: units by their
size, top codes by their heaps, years by what is constant. `docs/methodology/person-year.md` tells
what was learned; what stayed unsure is marked there.
"""

from pathlib import Path

PANELS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "panels"

#: Hours of full-time work all year: hourly wages are scaled by it, to be dollars a year.
FULL_YEAR = 2080

NLSY79 = f"""
select
    'nlsy79' as dataset_id,
    cast(wages.id as bigint) as person_id,
    cast(wages.year as integer) as income_year,
    cast(wages.year as integer) as survey_year,
    cast(1979 - wages.age_1979 as integer) as birth_year,
    cast(wages.year - (1979 - wages.age_1979) as integer) as age,
    wages.sex = 'f' as is_female,
    case
        when people.hgc_i < 12 then 'lt_hs'
        when people.hgc_i = 12 then 'hs'
        when people.hgc_i < 16 then 'some_college'
        when people.hgc_i = 16 then 'ba'
        when people.hgc_i > 16 then 'grad'
    end as education,
    {FULL_YEAR} * wages.wage as earnings,
    true as is_observed,
    'reported' as earnings_origin,
    'wage_rate' as earnings_concept
from read_parquet('{PANELS}/nlsy79_wages_four_fifths.parquet') as wages
inner join read_parquet('{PANELS}/nlsy79_demographics.parquet') as people
    on wages.id = people.id
-- Rows that somebody's model predicted are no records.
where not wages.is_pred
"""

HEADS_1976_1982 = f"""
select
    'psid_heads_1976_1982' as dataset_id,
    cast(id as bigint) as person_id,
    cast(year as integer) as income_year,
    -- No age is told: schooling, experience and six years stand for it.
    cast(year - (experience + education + 6) as integer) as birth_year,
    cast(experience + education + 6 as integer) as age,
    gender = 'female' as is_female,
    case
        when education < 12 then 'lt_hs'
        when education = 12 then 'hs'
        when education < 16 then 'some_college'
        when education = 16 then 'ba'
        else 'grad'
    end as education,
    case when married = 'yes' then 'married_present' end as marital_status,
    'reference_person' as relationship,
    -- Cents an hour. In the first two years three digits are all there is: 998 is a top code.
    {FULL_YEAR} * wage / 100.0 as earnings,
    true as is_observed,
    'wage_rate' as earnings_concept
from read_csv('{PANELS}/psid_1976_1982_heads.csv')
"""

MEN_1979_1988 = f"""
select
    'psid_men_1979_1988' as dataset_id,
    cast(id as bigint) as person_id,
    -- The years are waves; earnings are those of the year before.
    cast(year - 1 as integer) as income_year,
    cast(year as integer) as survey_year,
    cast(born.birth_year as integer) as birth_year,
    cast(year - 1 - born.birth_year as integer) as age,
    false as is_female,
    'reference_person' as relationship,
    exp(lnhr + lnwg) as earnings,
    exp(lnhr) as hours_worked,
    true as is_observed,
    'wage_times_hours' as earnings_concept
from read_csv('{PANELS}/psid_labor_1979_1988_men.csv') as men
inner join (
    select id, quantile_disc(year - ageh, 0.5) as birth_year
    from read_csv('{PANELS}/psid_labor_1979_1988_men.csv')
    group by id
) as born using (id)
"""

HEADS_1968_1990 = f"""
select
    'psid_heads_1968_1990' as dataset_id,
    cast(person as bigint) as person_id,
    cast(1900 + year as integer) as income_year,
    -- Age is that of 1968 in all years.
    cast(1968 - age as integer) as birth_year,
    cast(1900 + year - (1968 - age) as integer) as age,
    sex = 'F' as is_female,
    case
        when educ < 12 then 'lt_hs'
        when educ = 12 then 'hs'
        when educ < 16 then 'some_college'
        else 'ba'
    end as education,
    'reference_person' as relationship,
    cast(income as double) as earnings,
    true as is_observed,
    'annual_income' as earnings_concept
from read_parquet('{PANELS}/psid_1968_1990_heads.parquet')
"""

_RESIDUALS = """
select
    row_number() over () as person_id,
    unnest(string_split(line, ',')) as cell,
    unnest(range(len(string_split(line, ',')))) as place
from read_csv('{file}', columns = {{'line': 'varchar'}}, delim = ';', header = false)
"""

INCOME_RESIDUALS = f"""
select
    'psid_income_residuals' as dataset_id,
    cast(incomes.person_id as bigint) as person_id,
    -- Fifteen columns under a title of fourteen years: which is the first is not told.
    cast(1978 + incomes.place as integer) as income_year,
    cast(1978 + incomes.place - cast(ages.cell as integer) as integer) as birth_year,
    cast(ages.cell as integer) as age,
    cast(incomes.cell as double) as earnings,
    true as is_observed,
    'household_income_residual' as earnings_concept
from ({_RESIDUALS.format(file=PANELS / "psid_income_residuals_1979_1992.txt")}) as incomes
inner join ({_RESIDUALS.format(file=PANELS / "psid_income_residuals_1979_1992_age.txt")}) as ages
    on incomes.person_id = ages.person_id and incomes.place = ages.place
where incomes.cell <> ''
"""

EXTRACTS = {
    "nlsy79": NLSY79,
    "psid_heads_1976_1982": HEADS_1976_1982,
    "psid_men_1979_1988": MEN_1979_1988,
    "psid_heads_1968_1990": HEADS_1968_1990,
    "psid_income_residuals": INCOME_RESIDUALS,
}
