"""What the validation report says of benchmarks, of who is poor, who has what and who pays."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from steelyard.report.document import Block, Figure, Section, Table, Words, records
from steelyard.report.figures_distribution import burden_rates, poverty_rates
from steelyard.report.people import (
    BENCHMARKS,
    POVERTY,
    RATES,
    benchmark_words,
    benchmarks_kept,
    poverty_by_age,
)
from steelyard.report.questions import BURDENS, DECILES, SUMMARY
from steelyard.report.words import humane

Manifest = Mapping[str, Any]
Answers = Mapping[str, pd.DataFrame]


def benchmarks(_: Manifest, found: Answers) -> Sequence[Block]:
    """List benchmarks that are of one concept, then the others with what differs."""
    rows = found["benchmarks"]
    told = benchmark_words(rows)[rows["role"].eq("benchmark") & rows["calibrated_value"].notna()]
    columns = ("benchmark", "published", "ours before", "ours", "gap", "source", "what differs")
    blocks: list[Block] = [Words(benchmarks_kept(rows))]
    for is_same, words in (
        (True, "Benchmarks of the same concept and year"),
        (False, "Benchmarks of something else or of another year: what differs explains the gap"),
    ):
        part = told[told["same"].astype(bool) == is_same]
        if len(part):
            blocks.append(
                Table(
                    columns,
                    tuple(part[list(columns)].itertuples(index=False, name=None)),
                    f"{words} · val_benchmark",
                    words=("benchmark", "source", "what differs"),
                    widths=(2, 1.1, 1.1, 1.1, 0.8, 1.8, 3),
                )
            )
    return blocks


def poor(_: Manifest, found: Answers) -> Sequence[Block]:
    """Set poverty by age beside published rates, by each measure that the base knows."""
    blocks: list[Block] = []
    for measure in ("official", "supplemental"):
        rows, source = poverty_by_age(found["poverty"], found["rates"], measure)
        if rows.empty:
            said = f"{measure.capitalize()} poverty is not known in this build: its base lacks it."
            blocks.append(Words(said))
        else:
            blocks += [Figure(poverty_rates(rows, measure), source), Words(source)]
    return blocks


def has(_: Manifest, found: Answers) -> Sequence[Block]:
    """Show inequality and the top, none of which is fitted, and who has what."""
    measures = tuple(
        (row.metric.replace("_", " "), *map(_small_or_large, (row.initial, row.calibrated)))
        for row in records(found["summary"])
    )
    deciles = tuple(
        (
            f"{row.decile}",
            humane(row.mean_money_income, "USD"),
            f"{row.money_income_share:.1%}",
            humane(row.mean_income_tax, "USD"),
            f"{row.income_tax_share:.1%}",
            f"{row.income_tax_rate:.1%}",
            humane(row.mean_eitc, "USD"),
        )
        for row in records(found["deciles"])
    )
    columns = ("decile", "money income", "share", "income tax", "share of tax", "rate", "EITC")
    return [
        Table(
            ("measure", "before weighing", "ours"),
            measures,
            "Shares and indices of one, medians in dollars · val_summary",
            words=("measure",),
        ),
        Table(
            columns,
            deciles,
            "Households by money income, means a household, after weighing · val_decile",
            words=("decile",),
        ),
    ]


def pays(_: Manifest, found: Answers) -> Sequence[Block]:
    """Show what federal taxes take, from the lowest fifth to the top percent."""
    rows = found["burdens"]
    told = tuple(
        (
            row.label,
            f"{row.record_count:,}",
            humane(row.mean_income, "USD"),
            f"{row.income_share:.1%}",
            humane(row.mean_income_tax, "USD"),
            f"{row.income_tax_rate:.1%}",
            f"{row.income_tax_share:.1%}",
            f"{row.payroll_tax_rate:.1%}",
            f"{row.payroll_tax_share:.1%}",
        )
        for row in records(rows)
    )
    columns = (
        *("households", "records", "mean income", "share of income", "mean income tax", "rate"),
        *("share of income tax", "payroll tax rate", "share of payroll tax"),
    )
    return [
        Figure(burden_rates(rows[rows["income_group"] != "all"]), "val_burden"),
        Table(
            columns,
            told,
            "People ranked by household income over the square root of household size; percentiles "
            "are parts of the highest fifth; money income and capital gains; corporate and excise "
            "taxes are not in it, nor benefits in kind · val_burden",
            words=("households",),
            widths=(2.2, 0.9, 1.1, 0.8, 1, 0.8, 0.9, 1, 0.9),
        ),
    ]


def _small_or_large(value: float) -> str:
    return f"{value:.4f}" if abs(value) <= 1 else humane(value, "")


BENCHMARKED = Section(
    "Benchmarks",
    "benchmarks",
    ("val_benchmark", "val_headline_error"),
    {"benchmarks": BENCHMARKS},
    benchmarks,
)
POOR = Section(
    "Who is poor",
    "poor",
    ("val_poverty", "val_benchmark"),
    {"poverty": POVERTY, "rates": RATES},
    poor,
)
HAS = Section(
    "Inequality, who has what",
    "poverty",
    ("val_summary", "val_decile"),
    {"summary": SUMMARY, "deciles": DECILES},
    has,
)
PAYS = Section("Who pays", "burdens", ("val_burden",), {"burdens": BURDENS}, pays)
