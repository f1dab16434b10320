"""Print what a release achieves, as the Markdown of ``docs/results/<target>.md``.

Run ``python benchmarks/results_table.py --target tax_units --write``. Every figure is read from the
Parquet files of ``releases/<target>/latest``; nothing is computed but shares and relative errors.
What the page is read from is copied to ``docs/results/<target>/`` with the release's own checksums,
so that the tests can make the page again where the release is not.
"""

import argparse
import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from steelyard.release import latest_release, verify

ROOT = Path(__file__).resolve().parents[1]
SCALES = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
UNITS_OF_ONE = {"share", "index"}
Row = dict[str, Any]

HEADLINES = """
    select
        headlines.label, headlines.unit, headlines.role, publisher, source,
        headlines.published_value, initial_value, headlines.calibrated_value,
        sampling_standard_error, imputation_standard_error, lower_value, upper_value
    from '{release}/val_headline.parquet' as headlines
    left join '{release}/val_headline_error.parquet' as errors using (metric)
    order by headlines.role desc, metric
"""
GATES = "select * from '{release}/val_gate.parquet' order by gate"
FAMILIES = """
    select
        target_family, geography_level, target_count, supported_count,
        within_1_count, within_5_count, within_10_count,
        initial_within_10_count, initial_median_error, calibrated_median_error
    from '{release}/val_target_family.parquet'
    where target_role = '{role}'
    order by geography_level, target_family
"""
OVERALL = """
    select
        median(abs(initial_relative_error)) as initial_median_error,
        median(abs(calibrated_relative_error)) as calibrated_median_error
    from '{release}/target.parquet'
    where target_role = '{role}' and support_count >= 30 and target_value != 0
"""
LEFT_OUT = """
    select
        target_role,
        regexp_replace(
            coalesce(reason_left_out, ''), '(carry|carries|the same as) .*', '\\1 …'
        ) as reason,
        count(*) as facts
    from '{release}/target.parquet'
    where target_role not in ('fitted', 'held_out')
    group by target_role, reason
    order by facts desc, reason
"""
GAINS = """
    select
        all_constraints,
        coalesce(
            try_cast(regexp_extract(all_constraints, '([0-9]+) <= adjusted', 1) as bigint),
            try_cast(regexp_extract(all_constraints, '>= ([0-9]+)', 1) as bigint),
            0
        ) as lower_income,
        max(published_value) filter (where statistic = 'count') as published_count,
        max(initial_estimate) filter (where statistic = 'count') as initial_count,
        max(published_value) filter (where statistic = 'amount') as published_amount,
        max(initial_estimate) filter (where statistic = 'amount') as initial_amount,
        max(calibrated_estimate) filter (where statistic = 'amount') as calibrated_amount
    from '{release}/target.parquet'
    where
        variable = 'capital_gains_gross'
        and target_family = 'irs_soi/publication_1304_table_1_4'
        and initial_estimate is not null
    group by all_constraints
    order by all_constraints not like '%adjusted%', lower_income, all_constraints
"""
WEAKNESSES = """
    select sentence from '{release}/val_weakness.parquet' order by weakness_rank limit 12
"""
WEIGHTS = "select metric, value from '{release}/val_weight_distribution.parquet'"
ORIGINS = """
    select title, producer, vintage, licence, is_synthetic, row_count
    from '{release}/build_source.parquet'
    order by source
"""
#: Tables that the page is read from.
READ = (
    "build_source",
    "target",
    "val_gate",
    "val_headline",
    "val_headline_error",
    "val_target_family",
    "val_weakness",
    "val_weight_distribution",
)
#: Tables that other pages quote.
QUOTED = ("val_benchmark", "val_implicate")
PERCENTILES = (0, 1, 5, 25, 50, 75, 95, 99, 100)


def main() -> None:
    """Print the page of one target's latest release, or write it with what it is read from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="tax_units", help="build target of profiles.yml")
    parser.add_argument("--write", action="store_true", help="write docs/results/<target>")
    asked = parser.parse_args()
    release = latest_release(ROOT / "releases" / asked.target)
    text = page(asked.target, release, verify(release))
    if asked.write:
        keep(release, ROOT / "docs" / "results" / asked.target)
        written = ROOT / "docs" / "results" / f"{asked.target}.md"
        written.write_text(f"{text}\n", encoding="utf-8")
    else:
        print(text)


def keep(release: Path, folder: Path) -> None:
    """Copy what the page is read from, byte for byte, in the place of what was copied before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("manifest.json", "SHA256SUMS", *(f"{each}.parquet" for each in READ + QUOTED)):
        shutil.copyfile(release / name, folder / name)


def page(target: str, release: Path, manifest: Row) -> str:
    """Return the whole page of a release."""

    def rows(sql: str, **values: str) -> list[Row]:
        answer = duckdb.sql(sql.format(release=release, **values))
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]

    return "\n\n".join(
        [
            f"# Results of `{target}`",
            opening(target, manifest),
            "## Headlines\n\nUnder the weights before and after calibration, beside the published "
            "figure, with standard errors relative to ours, of sampling and of imputation, and "
            "the interval of both; the [uncertainty](../methodology/diagnostics.md#uncertainty) of "
            "what was published is not in it. A *benchmark* is never fitted.",
            headlines(rows(HEADLINES)),
            "## What not to rely on\n\nThe worst of `val_weakness`.",
            "\n".join(f"- {row['sentence']}" for row in rows(WEAKNESSES)),
            "## Gates",
            gates(rows(GATES)),
            "## Fitted facts by family\n\n*Supported* facts are those that 30 or more households "
            "bear on; shares and errors are theirs.",
            families(rows(FAMILIES, role="fitted"), rows(OVERALL, role="fitted")),
            "## Held-out facts\n\nWhole groups of facts that the solver was not told.",
            families(rows(FAMILIES, role="held_out"), rows(OVERALL, role="held_out")),
            "## Imputed gains before any weighing\n\nNet capital gains of gainers by adjusted "
            "gross income: drawn from donors who say nothing of their returns, under the survey's "
            "own weights, beside what returns report.",
            gains(rows(GAINS)),
            "## Facts left out, and why",
            left_out(rows(LEFT_OUT)),
            "## Weights\n\nThe ratio is the calibrated over the initial weight of a household.",
            weights({row["metric"]: row["value"] for row in rows(WEIGHTS)}),
            "## Sources",
            origins(rows(ORIGINS)),
        ]
    )


def opening(target: str, manifest: Row) -> str:
    """Say which release this is, in two sentences."""
    kind = (
        f"Some of its records are synthetic: {manifest['synthetic_sources']}."
        if manifest["is_synthetic"]
        else "No record of it is synthetic."
    )
    return (
        f"Release `{manifest['version']}` of the build `{target}`, income year "
        f"{manifest['income_year']}, seed {manifest['seed']}, made from "
        f"{manifest['fact_count']:,} facts: {manifest['fitted_count']:,} fitted, "
        f"{manifest['held_out_count']:,} held out. {kind} Solver: `{manifest['solver']}` "
        f"({manifest['solver_reason']}). Written by `python benchmarks/results_table.py --target "
        f"{target} --write`; [what the tables mean](../reference/tables.md)."
    )


def headlines(rows: list[Row]) -> str:
    """Ours before and after beside the published figures."""
    return table(
        (
            "figure", "role", "published", "before", "after", "sampling", "imputation",
            "95 % interval", "after / published − 1", "publisher",
        ),
        [
            (
                row["label"],
                row["role"].replace("_", " "),
                *(
                    figure(row[f"{stage}_value"], row["unit"])
                    for stage in ("published", "initial", "calibrated")
                ),
                *(
                    percent(
                        relative_size(row[f"{kind}_standard_error"], row["calibrated_value"]), 2
                    )
                    for kind in ("sampling", "imputation")
                ),
                interval(row["lower_value"], row["upper_value"], row["unit"]),
                percent(relative_error(row["calibrated_value"], row["published_value"]), 1, True),
                f"{row['publisher']}, {row['source']}",
            )
            for row in rows
        ],
        numbers=range(2, 9),
    )  # fmt: skip


def interval(lower: float | None, upper: float | None, unit: str) -> str:
    """Return two ends in their unit, a dash where there are none."""
    return "–" if lower is None else f"{figure(lower, unit)} to {figure(upper, unit)}"


def gains(rows: list[Row]) -> str:
    """Gains by band of income: what returns report, what was drawn, what weights make of it."""
    return table(
        (
            "returns with", "gainers, published", "drawn / published − 1", "gains, published",
            "drawn / published − 1", "after weighing",
        ),
        [
            (
                row["all_constraints"].removesuffix("is_filer = true").removesuffix("; ") or "any",
                figure(row["published_count"], "returns"),
                percent(relative_error(row["initial_count"], row["published_count"]), 0, True),
                figure(row["published_amount"], "USD"),
                percent(relative_error(row["initial_amount"], row["published_amount"]), 0, True),
                percent(relative_error(row["calibrated_amount"], row["published_amount"]), 0, True),
            )
            for row in rows
        ],
        numbers=range(1, 6),
    )  # fmt: skip


def gates(rows: list[Row]) -> str:
    """Each gate, its limit, what was measured, and whether it is met."""
    return table(
        ("gate", "limit", "measured", "met", "reason"),
        [
            (
                f"`{row['gate']}`",
                f"{row['limit_value']:g}",
                "nothing" if row["measured_value"] is None else f"{row['measured_value']:.4g}",
                "yes" if row["is_met"] else "**no**",
                row["reason"],
            )
            for row in rows
        ],
        numbers=(1, 2),
    )


def families(rows: list[Row], overall: list[Row]) -> str:
    """Shares of supported facts within 1, 5 and 10 percent, by family, and of all of them."""
    counted = [key for key in rows[0] if key.endswith("_count")] if rows else []
    total = overall[0] | {key: sum(row[key] for row in rows) for key in counted}
    lines = [
        (f"`{row['target_family']}`", row["geography_level"], *achieved(row))
        for row in rows
        if row["supported_count"]
    ]
    if rows:
        lines.append(("**all**", "", *achieved(total)))
    return table(
        (
            "family", "level", "facts", "supported", "within 1 %", "within 5 %", "within 10 %",
            "within 10 % before", "median error before", "after",
        ),
        lines,
        numbers=range(2, 10),
    )  # fmt: skip


def achieved(row: Row) -> tuple[str, ...]:
    """Return counts, shares and median errors of one line of ``families``."""
    supported = row["supported_count"]
    shares = ("within_1_count", "within_5_count", "within_10_count", "initial_within_10_count")
    medians = ("initial_median_error", "calibrated_median_error")
    return (
        f"{row['target_count']:,}",
        f"{supported:,}",
        *(percent(row[name] / supported if supported else None, 1) for name in shares),
        *(percent(row.get(name), 2) for name in medians),
    )


def left_out(rows: list[Row]) -> str:
    """Facts outside loss and hold-out, counted by the reason."""
    return table(
        ("role", "reason", "facts"),
        [(row["target_role"], row["reason"], f"{row['facts']:,}") for row in rows],
        numbers=(2,),
    )


def weights(values: dict[str, float]) -> str:
    """Percentiles of the weight ratio; effective sample and concentration."""
    ratios = table(
        tuple(f"p{percentile}" for percentile in PERCENTILES),
        [tuple(f"{values[f'ratio_percentiles_{each}']:.3f}" for each in PERCENTILES)],
        numbers=range(len(PERCENTILES)),
    )
    spread = table(
        ("measure", "value"),
        [
            ("households, weighted", f"{values['total']:,.0f}"),
            ("effective sample size (Kish)", f"{values['effective_sample_size']:,.0f}"),
            ("share of the initial weights' one", percent(values["effective_sample_share"], 1)),
            ("weight on the 100 heaviest records", percent(values["top_100_share"], 2)),
            ("records of weight zero", percent(values["zero_share"], 2)),
        ],
        numbers=(1,),
    )
    return f"{ratios}\n\n{spread}"


def origins(rows: list[Row]) -> str:
    """List the raw files: who made them and under what terms."""
    return table(
        ("file", "producer", "vintage", "licence", "records", "synthetic"),
        [
            (
                row["title"],
                row["producer"],
                row["vintage"],
                row["licence"],
                f"{row['row_count']:,}",
                "**yes**" if row["is_synthetic"] else "no",
            )
            for row in rows
        ],
        numbers=(4,),
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Return a Markdown table, the columns ``numbers`` aligned to the right."""
    if not rows:
        return "None."
    rule = ["---:" if position in numbers else "---" for position in range(len(head))]
    lines = [head, rule, *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def relative_error(estimate: float | None, published: float | None) -> float | None:
    """Estimate over published minus one; None where either is missing or published is zero."""
    if estimate is None or not published:
        return None
    return estimate / published - 1


def relative_size(part: float | None, whole: float | None) -> float | None:
    """Part over whole; None where either is missing or the whole is zero."""
    return None if part is None or not whole else part / abs(whole)


def percent(value: float | None, digits: int, signed: bool = False) -> str:
    """Return a share as percent, a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    return f"{100 * value:{'+' if signed else ''}.{digits}f} %".replace("-", "−")


def figure(value: float | None, unit: str) -> str:
    """Return a figure in its unit, large ones in words."""
    if value is None:
        return "–"
    if unit in UNITS_OF_ONE:
        return percent(value, 1) if unit == "share" else f"{value:.3f}"
    dollar = "$" if unit == "USD" else ""
    for scale, name in SCALES:
        if abs(value) >= scale:
            return f"{dollar}{value / scale:,.2f}{name}"
    return f"{dollar}{value:,.0f}"


if __name__ == "__main__":
    main()
