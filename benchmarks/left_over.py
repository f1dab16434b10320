"""Say which facts a release leaves out of reach, and what its richest returns are made of.

Run ``python benchmarks/left_over.py --target tax_units``. It asks the latest release; the page is
printed and written to ``benchmarks/results/left_over_<target>.md``.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from steelyard.release import latest_release, verify

ROOT = Path(__file__).resolve().parents[1]
#: Households that must bear on a fact for it to count.
BEARING = 30
#: Incomes of which all facts of some kind are held out.
HELD_OUT = (
    "self_employment_income_gains",
    "taxable_ira_distributions",
    "taxable_pension_income",
    "taxable_social_security",
)
#: Incomes that copies from 1 on know otherwise than they were told.
TOLD_SELDOM = {
    "taxable_pension_income": "taxable_pension_income",
    "self_employment_income": "self_employment_income_gains",
    "taxable_ira_distributions": "taxable_ira_distributions",
}
MOST = 12


def main() -> None:
    """Ask, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="tax_units", help="the build (default: tax_units)")
    arguments = parser.parse_args()
    release = latest_release(ROOT / "releases" / arguments.target)
    verify(release)
    with duckdb.connect() as connection:
        for name in ("target", "tax_unit", "person", "val_weight_distribution"):
            connection.execute(f"create view {name} as from '{release / name}.parquet'")
        connection.execute(
            f"create view judged as select *, abs(calibrated_relative_error) as error from target "
            f"where support_count >= {BEARING}"
        )
        text = page(release.name, connection)
    result = ROOT / "benchmarks" / "results" / f"left_over_{arguments.target}.md"
    result.write_text(text, encoding="utf-8")
    print(text)


def page(release: str, connection: duckdb.DuckDBPyConnection) -> str:
    """Write the page: fit, what is out of reach, what is held out, the richest, ages."""

    def ask(sql: str) -> list[tuple[Any, ...]]:
        return connection.execute(sql).fetchall()

    ((facts, within, beyond),) = ask(
        "select count(*), avg(cast(error <= 0.1 as integer)), sum(cast(error > 0.1 as integer)) "
        "from judged where target_role = 'fitted'"
    )
    lines = [
        "# What weights leave out of reach",
        "",
        f"Release `{release}`; facts that {BEARING} households or more bear on.",
        "",
        f"- Of {facts:,} fitted facts {100 * within:.1f} % are within 10 %; {beyond:,.0f} are "
        "further away.",
        *(
            f"- Held out, {name}: {count:,} facts, half within {100 * middle:.1f} % "
            f"(before weighing {100 * before:.1f} %)."
            for name, count, middle, before in ask(_held_out())
        ),
        *(
            f"- Returns of {lower:,.0f} dollars and more: {records:,} records, "
            f"{100 * share:.1f} % of their income in wages."
            for lower, records, share in ask(_richest())
        ),
        *(f"- People {name}: {count / 1e6:.1f} million." for name, count in ask(_ages())),
        "",
        "| design weights: million units, billion dollars | copy 0 | other copies | published |",
        "|---|---:|---:|---:|",
        *(line for income, fact in TOLD_SELDOM.items() for line in _told(ask, income, fact)),
        "",
        "| variable | statistic | level | facts beyond 10 % | median error, with its sign |",
        "|---|---|---|---:|---:|",
        *(
            f"| {variable} | {statistic} | {level} | {count} | {100 * middle:+.1f} % |"
            for variable, statistic, level, count, middle in ask(_beyond())
        ),
        "",
    ]
    return "\n".join(lines)


def _held_out() -> str:
    four = f"variable in {HELD_OUT}"
    return (
        f"select case when grouping({four}) = 1 then 'all' when {four} then 'four incomes' "
        "else 'all others' end, count(*), median(error), median(abs(initial_relative_error)) "
        f"from judged where target_role = 'held_out' group by rollup ({four}) order by 2 desc"
    )


def _told(ask: Callable[[str], list[tuple[Any, ...]]], income: str, fact: str) -> Iterator[str]:
    """Lay out what copies have of an income, scaled to the population, and what is published."""
    sums = ask(
        f"select copy_id = 0, sum(design_weight) filter (where {income} > 0) / sum(design_weight), "
        f"sum(design_weight * {income}) filter (where {income} > 0) / sum(design_weight), "
        "(select sum(design_weight) from tax_unit) from tax_unit group by 1 order by 1 desc"
    )
    (told, drawn) = ((units * all_ / 1e6, sum_ * all_ / 1e9) for _, units, sum_, all_ in sums)
    published = dict(
        ask(
            "select statistic, published_value from target where geography_level = 'national' "
            f"and variable = '{fact}' and all_constraints = 'is_filer = true'"
        )
    )
    count, amount = published["count"] / 1e6, published["amount"] / 1e9
    yield (
        f"| {income} | {told[0]:.1f}, {told[1]:.0f} | {drawn[0]:.1f}, {drawn[1]:.0f} "
        f"| {count:.1f}, {amount:.0f} |"
    )


def _richest() -> str:
    return " union all ".join(
        f"select {lower}, count(*), sum(calibrated_weight * employment_income) "
        "/ sum(calibrated_weight * adjusted_gross_income) from tax_unit "
        f"where is_filer and adjusted_gross_income >= {lower}"
        for lower in (1_000_000, 10_000_000)
    )


def _ages() -> str:
    return (
        "select 'under 18', sum(calibrated_weight) from person "
        "where coalesce(age, age_lower) < 18 union all select 'of 65 and over', "
        "sum(calibrated_weight) from person where coalesce(age, age_lower) >= 65"
    )


def _beyond() -> str:
    return (
        "select variable, statistic, geography_level, count(*), median(calibrated_relative_error) "
        "from judged where target_role = 'fitted' and error > 0.1 group by all "
        f"order by 4 desc, 1, 2, 3 limit {MOST}"
    )


if __name__ == "__main__":
    main()
