"""What the validation report says of a release, question by question.

A section is one entry of `SECTIONS`: the tables that it needs, its queries, and a function from
their answers to words, tables and figures.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from steelyard.report.document import Block, Figure, Points, Section, Table, Words, records
from steelyard.report.figures import headline_errors, solver_path, weight_ratios
from steelyard.report.questions import ACHIEVED, FIGURES, GROUPS, RATIOS, SCORES, SUPPORT
from steelyard.report.sections_fit import FIT, STATES
from steelyard.report.sections_made import MADE, SOURCES
from steelyard.report.sections_people import BENCHMARKED, HAS, PAYS, POOR
from steelyard.report.words import gate_words, humane, interval_words, signed_percent

#: Weaknesses that are written out.
WORST = 12
Manifest = Mapping[str, Any]
Answers = Mapping[str, pd.DataFrame]


def brief(manifest: Manifest, found: Answers) -> Sequence[Block]:
    """Say in a few sentences what the release is and how far it may be trusted."""
    weight = dict(found["weight"].itertuples(index=False, name=None))
    said = [
        f"{row.target_role.replace('_', ' ').capitalize()} figures: {row.targets:,} that {SUPPORT} "
        f"households or more bear on, {row.within_10:.1%} of them within 10% of the published one "
        f"({row.before_10:.1%} before weighing); median error {row.median_error:.2%} "
        f"(was {row.before_median:.2%})."
        for row in records(found["achieved"])
    ]
    failed = found["gates"].loc[~found["gates"]["is_met"].astype(bool), "gate"]
    met = len(found["gates"]) - len(failed)
    said += [
        f"Weights: the effective sample is {weight['effective_sample_share']:.1%} of what it was; "
        f"the hundred heaviest records carry {weight['top_100_share']:.2%} of all weight.",
        f"Gates: {met} of {met + len(failed)} met"
        + (f"; not met: {', '.join(failed)}." if len(failed) else "."),
    ]
    blocks: list[Block] = [Points(tuple(said))]
    if manifest["is_synthetic"]:
        warning = (
            f"Synthetic: the records of {manifest['synthetic_sources']} are made up. Figures that "
            "rest on them are no estimates of anything."
        )
        blocks.insert(0, Words(warning, is_warning=True))
    return blocks


def headlines(_: Manifest, found: Answers) -> Sequence[Block]:
    """Set headline figures beside the published ones, with their standard errors."""
    rows = []
    for row in found["figures"].to_dict("records"):
        unit, error = str(row["unit"]), row["standard_error"]
        rows.append(
            (
                str(row["label"]),
                humane(row["published_value"], unit),
                humane(row["initial_value"], unit),
                humane(row["calibrated_value"], unit),
                "" if pd.isna(error) else humane(error, unit),
                interval_words(row["lower_value"], row["upper_value"], unit),
                signed_percent(row["calibrated_relative_error"]),
                str(row["role"]).replace("_", " "),
                f"{row['publisher']}, {row['source']}",
            )
        )
    columns = (
        *("figure", "published", "before", "ours", "± s.e.", "95% interval", "error", "role"),
        "source",
    )
    return [
        Figure(headline_errors(found["figures"]), "val_headline"),
        Table(
            columns,
            tuple(rows),
            "Ours after weighing; standard errors and intervals from replicates of the weights, "
            "which do not move what was fitted by much, and from other draws of what surveys lack "
            "where they were made · val_headline, val_headline_error",
            words=("figure", "role", "source"),
            widths=(2.1, 1.1, 1.1, 1.1, 1, 1.3, 0.9, 1, 2),
        ),
        Words(
            "Fitted figures are near by construction; held-out ones and benchmarks, of which no "
            "weight was told, are the test."
        ),
    ]


def gates(_: Manifest, found: Answers) -> Sequence[Block]:
    """Say of each gate whether it is met, and why it stands there."""
    rows = tuple(
        (
            "met" if row.is_met else "NOT MET",
            gate_words(row.gate, row.measured_value, row.limit_value),
            row.reason,
        )
        for row in records(found["gates"])
    )
    return [
        Table(
            ("verdict", "gate", "why"),
            rows,
            "val_gate",
            words=("verdict", "gate", "why"),
            widths=(0.7, 3, 3),
        )
    ]


def weaknesses(_: Manifest, found: Answers) -> Sequence[Block]:
    """Say what not to rely on, the worst first."""
    said = found["weaknesses"]
    blocks: list[Block] = [Points(tuple(said["sentence"].head(WORST)))]
    if len(said) > WORST:
        blocks.append(Words(f"{len(said) - WORST} more stand in the table val_weakness."))
    return blocks


def weights(manifest: Manifest, found: Answers) -> Sequence[Block]:
    """Show what the fit cost in weights, and how the solver got there."""
    groups = found["groups"]
    rows = tuple(
        (
            "all households"
            if row.group_kind == "all"
            else f"{row.group_kind.replace('_', ' ')} {row.group_id}",
            f"{row.record_count:,}",
            f"{row.effective_sample_share:.1%}",
            f"{row.weight_ratio_p5:.2f}",
            f"{row.weight_ratio_p50:.2f}",
            f"{row.weight_ratio_p95:.2f}",
            f"{row.at_bounds_share:.2%}",
        )
        for row in records(groups)
    )
    columns = ("households", "records", "effective sample", "P5", "median", "P95", "at a bound")
    return [
        Figure(weight_ratios(found["ratios"]), "household"),
        Table(
            columns,
            rows,
            "Calibrated over initial weight, all households and by decile of money income; the "
            "effective sample is Kish's, after over before · val_weight_group",
            words=("households",),
        ),
        Figure(solver_path(found["history"]), "val_history"),
        Words(f"Solver {manifest['solver']}: {manifest['solver_reason']}."),
    ]


def imputation(_: Manifest, found: Answers) -> Sequence[Block]:
    """Set what was drawn beside the donors it was drawn from."""
    rows = tuple(
        (
            row.imputation.removeprefix("imp_"),
            row.variable.replace("_", " "),
            f"{row.copy_id}",
            f"{row.donor_count:,}",
            f"{row.recipient_count:,}",
            f"{row.ks_distance:.3f}",
            f"{row.donor_zero_share:.1%}",
            f"{row.imputed_zero_share:.1%}",
            humane(row.donor_mean, ""),
            humane(row.imputed_mean, ""),
        )
        for row in records(found["draws"])
    )
    columns = (
        *("imputation", "variable", "copy", "donors", "recipients", "KS"),
        *("zero, donors", "zero, ours", "mean, donors", "mean, ours"),
    )
    scores = found["scores"]
    blocks: list[Block] = [
        Table(
            columns,
            rows,
            "Recipients differ from donors, so distributions may; KS is the largest gap between "
            "the two distribution functions · val_imputation",
            words=("imputation", "variable"),
            widths=(1.3, 2, 0.6, 0.9, 1.1, 0.7, 0.9, 0.9, 1.1, 1.1),
        )
    ]
    if len(scores):
        best = scores[scores["is_best"]]
        blocks.insert(
            0,
            Words(
                "On donors that it has not seen, the method that draws is the best of "
                f"{int(scores['methods'].max())} in {len(best)} of {len(scores)} comparisons of "
                "the continuous ranked probability score (val_imputation_score)."
            ),
        )
    return blocks


SECTIONS: tuple[Section, ...] = (
    Section(
        "In brief",
        "brief",
        ("target", "val_gate", "val_weight_distribution"),
        {
            "achieved": ACHIEVED,
            "weight": "select metric, value from val_weight_distribution",
            "gates": "select gate, is_met from val_gate order by gate",
        },
        brief,
    ),
    Section(
        "Headline figures",
        "headline",
        ("val_headline", "val_headline_error"),
        {"figures": FIGURES},
        headlines,
    ),
    Section(
        "Gates",
        "gates",
        ("val_gate",),
        {"gates": "select * from val_gate order by is_met, gate"},
        gates,
    ),
    Section(
        "What not to rely on",
        "weaknesses",
        ("val_weakness",),
        {"weaknesses": "select * from val_weakness order by weakness_rank"},
        weaknesses,
    ),
    FIT,
    BENCHMARKED,
    STATES,
    Section(
        "Weights and solver",
        "weights",
        ("household", "val_weight_group", "val_history"),
        {
            "ratios": RATIOS,
            "groups": GROUPS,
            "history": "select * from val_history order by epoch",
        },
        weights,
    ),
    Section(
        "Imputation",
        "imputation",
        ("val_imputation", "val_imputation_score"),
        {
            "draws": "select * from val_imputation order by imputation, variable, copy_id",
            "scores": SCORES,
        },
        imputation,
    ),
    POOR,
    HAS,
    PAYS,
    SOURCES,
    MADE,
)
