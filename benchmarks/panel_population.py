"""Say what the demo's panel gives beside what is published.

Run ``steelyard panel --target demo --to 2060 --imputations 1``, then
``dbt build --target demo --select tag:panel+``, then ``python benchmarks/panel_population.py``. It
asks the database of the build; the page is printed and written to
``benchmarks/results/panel_population.md``.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "panel_population.md"
VITAL = ("death", "birth", "marriage", "divorce")

RECORDS = """
select count(*) filter (where panel_year = (select min(panel_year) from pnl_person)),
       max(panel_year)
from pnl_person
"""
LARGEST_ERROR = """
select event, 100 * max(abs(relative_error)) from val_panel_alignment
where event in ('death', 'birth', 'marriage', 'divorce', 'disability_end') group by event
"""
RESIDENTS = "select 100 * max(abs(relative_error)) from val_panel_population"
COST = """
select min(cost_rate_difference), max(cost_rate_difference),
       any_value(due_to_beneficiaries_per_worker) filter (where panel_year = 2030),
       any_value(due_to_benefit_over_earnings) filter (where panel_year = 2030)
from val_panel_finance where panel_year between 2022 and 2040
"""
DEPLETION = "select depletion_year from val_panel_balance"
MAXIMUM = """
select 100 * avg(abs(share_difference)) filter (where sex = 'female'),
       100 * avg(abs(share_difference)) filter (where sex = 'male'),
       100 * max(abs(share_difference)), arg_max(earnings_year, abs(share_difference))
from val_panel_maximum where earnings_year >= 1990
"""
SPOUSES = """
select corr(his.lifetime_earnings, hers.lifetime_earnings)
from pnl_person as his
inner join pnl_person as hers
    on his.spouse_person_id = hers.person_id
    and his.imputation = hers.imputation and his.panel_year = hers.panel_year
where his.panel_year = 2024 and not his.is_female and least(his.age, hers.age) >= 62
"""
BENEFICIARIES = """
select sum(persons) / 1e6, sum(published_persons) / 1e6 from val_panel_beneficiary
where panel_year = 2024 and
"""
HUSBANDS = BENEFICIARIES + "benefit_group = 'spouse_of_retired_worker' and sex = 'male'"
WIDOWED = BENEFICIARIES + "benefit_group = 'widow_nondisabled'"
RETIRED = """
select 100 * any_value(relative_error) filter (where panel_year = 2024),
       100 * any_value(relative_error) filter (where panel_year = 2040)
from val_panel_alignment where event = 'retired_workers'
"""
WITHHELD = """
select sum(withheld_benefits * panel_weight) / 1e9,
       sum(withheld_benefits * panel_weight) filter (where benefit_type = 'retired_worker') / 1e9,
       sum(withheld_benefits * panel_weight) filter (where benefit_type = 'widow') / 1e9
from pnl_benefit inner join pnl_person using (imputation, panel_year, person_id)
where panel_year = 2024
"""


def main() -> None:
    """Ask, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--database", default=str(ROOT / "build" / "demo" / "steelyard.duckdb"), metavar="FILE"
    )
    arguments = parser.parse_args()
    with duckdb.connect(arguments.database, read_only=True) as connection:
        text = page(connection)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def page(connection: duckdb.DuckDBPyConnection) -> str:
    """Write the page: what is led to published numbers, and what is not."""

    def ask(sql: str) -> tuple[Any, ...]:
        return connection.execute(sql).fetchone() or ()

    records, last = ask(RECORDS)
    errors = dict(connection.execute(LARGEST_ERROR).fetchall())
    vital = ", ".join(f"{errors[event]:.1f}" for event in VITAL)
    least, most, workers, amounts = ask(COST)
    women, men, worst, year = ask(MAXIMUM)
    husbands, widowed, withheld = ask(HUSBANDS), ask(WIDOWED), ask(WITHHELD)
    retired = ask(RETIRED)
    rows = [
        f"| residents by sex and age group, any year | within {ask(RESIDENTS)[0]:.4f} % |",
        f"| deaths, births, marriages, divorces, any year | within {vital} % |",
        f"| disability ends, any year | within {errors['disability_end']:.1f} % |",
        f"| cost rate less the Trustees', 2022 to 2040 | {least:+.2f} to {most:+.2f} points |",
        f"| by beneficiaries per worker, by benefits, 2030 | {workers:+.2f}, {amounts:+.2f} |",
        f"| trust funds exhausted | {ask(DEPLETION)[0]} |",
        f"| lifetime earnings of spouses of 62 and over, correlation | {ask(SPOUSES)[0]:.2f} |",
        f"| share below the taxable maximum, women and men, mean | {women:.1f}, {men:.1f} points |",
        f"| the same, at most | {worst:.1f} points, {year} |",
    ]
    free = [
        f"| husbands on wives' records, million | {husbands[0]:.2f} | {husbands[1]:.2f} |",
        f"| widows and widowers, million | {widowed[0]:.1f} | {widowed[1]:.1f} |",
        f"| retired workers, 2024; 2040 | {retired[0]:+.0f}; {retired[1]:+.0f} % | 0 |",
        f"| withheld by the earnings test, billion dollars | {withheld[0]:.0f} | |",
        f"| of retired workers; of the widowed | {withheld[1]:.0f}; {withheld[2]:.0f} | |",
    ]
    return "\n".join(
        [
            "# What the demo's panel gives",
            "",
            f"{records:,} records at first, one imputation, to {last}; written on "
            f"{datetime.now(UTC):%-d %B %Y} by `python benchmarks/panel_population.py`. The "
            "persons are invented; what they are led to is not. Differences are from what was "
            "wanted; points are of taxable payroll, of shares from SSA's since 1990.",
            "",
            "| | |",
            "|---|---:|",
            *rows,
            "",
            "| December 2024 | panel | published |",
            "|---|---:|---:|",
            *free,
            "",
        ]
    )


if __name__ == "__main__":
    main()
