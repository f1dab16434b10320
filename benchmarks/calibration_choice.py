"""The trade-off between fit, held-out error and effective sample on real records, and its picture.

Run where `dbt build` has finished, one setting a run, for example
`python benchmarks/calibration_choice.py --thin 8 --setting '{"distance_weight": 0.01}'`: each run
appends a line to `benchmarks/results/calibration_choice.jsonl`. By groups (the default) every
fitted target is held out once, in five folds of whole groups; with `--singly` a tenth of the
targets is, at random, once. `--draw` makes the picture and the tables of the methodology page.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from scipy import sparse

from steelyard.calibrate import (
    CalibrationConfig,
    calibrate,
    held_out_groups,
    select,
    target_folds,
)
from steelyard.calibrate.layout import Layout, laid_out

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "calibration_choice.jsonl"
PICTURE = ROOT / "docs" / "images" / "calibration_choice.svg"
TABLES = {
    "matrix": "select * from cal_matrix order by target_index, household_index",
    "targets": "select * from cal_target order by target_index",
    "households": "select * from cal_household_index order by household_index",
    "controls": "select * from cal_control order by control_index",
    "control_matrix": "select * from cal_control_matrix order by control_name, household_index",
}
COLUMNS = {
    "thin": "households, 1 in",
    "solver": "solver",
    "distance_weight": "λ",
    "epochs": "epochs",
    "dropout": "dropout",
    "within_10": "fitted within 10 %",
    "held_out_median": "held out, median",
    "held_out_p90": "held out, 90th percentile",
    "effective_sample_share": "effective sample",
}


def problem(database: Path, thin: int) -> tuple[Layout, Any]:
    """Return the calibration's tables laid out, of every ``thin``-th pair of copies, and facts."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set threads = 1")
        tables = {name: connection.sql(query).to_arrow_table() for name, query in TABLES.items()}
    whole = laid_out(**tables)
    taken = np.flatnonzero(np.arange(whole.initial_weights.size) // 2 % thin == 0)
    weights = whole.initial_weights[taken]
    weights = weights * (whole.initial_weights.sum() / weights.sum())
    matrix = sparse.csr_array(whole.matrix[:, taken])
    return whole._replace(matrix=matrix, initial_weights=weights), tables["targets"].to_pandas()


def by_groups(of: Layout, facts: Any, config: CalibrationConfig) -> dict[str, float]:
    """Hold out every fitted target once, in whole groups."""
    fold = np.full(of.targets.size, -1)
    fitted = np.flatnonzero(facts.target_role == "fitted")
    fold[fitted] = target_folds(facts.holdout_group[fitted].tolist())
    given = (of.matrix, of.targets, of.initial_weights, [config])
    medians: list[float] = []
    chosen = select(
        *given,
        fold=fold,
        scale=of.scale,
        loss_weight=of.loss_weight,
        progress=lambda _, __, measures: medians.append(measures["held_out_median"]),
    )
    trial = chosen.trials[0]
    names = ("within_10", "held_out_median", "held_out_p90", "effective_sample_share")
    measures = {name: getattr(trial, name) for name in names}
    initial = {"initial_median": chosen.initial_median, "initial_p90": chosen.initial_p90}
    return {**measures, **initial, "fold_medians": medians}


def singly(of: Layout, facts: Any, config: CalibrationConfig) -> dict[str, float]:
    """Hold out a tenth of the fitted targets at random, once."""
    fitted = np.zeros(of.targets.size, dtype=bool)
    fitted[: len(facts)] = facts.target_role == "fitted"
    drawn = np.zeros_like(fitted)
    drawn[: len(facts)] = held_out_groups(facts.target_id.tolist(), 0.1, "singly")
    unseen = fitted & drawn
    options = {"scale": of.scale, "loss_weight": np.where(unseen, 0.0, of.loss_weight)}
    started = time.process_time()
    solved = calibrate(of.matrix, of.targets, of.initial_weights, config, **options)
    errors = np.abs(solved.relative_errors)
    before = np.abs(of.matrix @ of.initial_weights - of.targets) / of.scale
    after = solved.diagnostics["effective_sample_size_after"]
    return {
        "cpu_seconds": time.process_time() - started,
        "within_10": float(np.mean(errors[fitted & ~unseen] <= 0.1)),
        "held_out_median": float(np.median(errors[unseen])),
        "held_out_p90": float(np.percentile(errors[unseen], 90)),
        "effective_sample_share": after / solved.diagnostics["effective_sample_size_before"],
        "initial_median": float(np.median(before[unseen])),
        "initial_p90": float(np.percentile(before[unseen], 90)),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return rows as Markdown, shares and errors in per cent."""
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|---" * len(COLUMNS) + "|"]
    for row in rows:
        cells = []
        for name in COLUMNS:
            value = row.get(name, "")
            cells.append(f"{100 * value:.1f} %" if name in list(COLUMNS)[5:] else f"{value}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def picture(rows: list[dict[str, Any]]) -> str:
    """Return an SVG: held-out median against effective sample, one line a solver."""
    marks = {"dual": "#0b5394", "adam": "#b45f06"}
    lines = {"dual": "dual, by λ", "adam": "adam, by λ"}

    def at(row: dict[str, Any]) -> tuple[float, float]:
        return 70 + 560 * (1 - row["effective_sample_share"]) / 0.5, 330 - 1500 * (
            row["held_out_median"] - 0.05
        )

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 400" font-family="sans-serif" '
        'font-size="12" role="img"><title>Held-out error against effective sample</title>',
        '<rect width="680" height="400" fill="#fff"/>',
        '<path d="M70 30V330H640" fill="none" stroke="#444"/>',
        '<text x="350" y="385" text-anchor="middle">effective sample, share of the design’s</text>',
        '<text x="20" y="22">held out by groups, median relative error</text>',
    ]
    parts += [
        f'<text x="{70 + 11.2 * (100 - share):.0f}" y="350" text-anchor="middle">{share} %</text>'
        for share in range(100, 49, -10)
    ]
    parts += [
        f'<text x="62" y="{334 - 15 * (error - 5)}" text-anchor="end">{error} %</text>'
        f'<path d="M70 {330 - 15 * (error - 5)}H640" stroke="#ddd"/>'
        for error in range(5, 24, 3)
    ]
    for solver, colour in marks.items():
        of = [row for row in rows if row["solver"] == solver and not row["dropout"]]
        of.sort(key=lambda row: row["effective_sample_share"])
        places = " ".join(f"{x:.0f},{y:.0f}" for x, y in map(at, of))
        parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}"/>')
        line = 50 + 18 * list(marks).index(solver)
        parts.append(f'<text x="540" y="{line}" fill="{colour}">{lines[solver]}</text>')
        for row in of:
            x, y = at(row)
            parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{colour}"/>')
            label = f"{row['distance_weight']:g}"
            if row["epochs"]:
                label += f", {row['epochs']} epochs"
            shift = -18 if solver == "dual" else 10
            parts.append(
                f'<text x="{x - 12:.0f}" y="{y - shift:.0f}" fill="{colour}">{label}</text>'
            )
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    """Measure one setting, or draw what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=ROOT / "build/tax_units/steelyard.duckdb")
    parser.add_argument("--thin", type=int, default=1)
    parser.add_argument("--setting", type=json.loads, default={})
    parser.add_argument("--singly", action="store_true")
    parser.add_argument("--draw", action="store_true")
    chosen = parser.parse_args()
    if not chosen.draw:
        config = CalibrationConfig(**{"solver": "dual", **chosen.setting})
        of, facts = problem(chosen.database, chosen.thin)
        measures = (singly if chosen.singly else by_groups)(of, facts, config)
        row = {
            "held_out": "singly" if chosen.singly else "by groups",
            "thin": chosen.thin,
            "solver": config.solver,
            "distance_weight": config.distance_weight,
            "epochs": config.epochs if config.solver == "adam" else "",
            "dropout": config.dropout or "",
            **measures,
        }
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(json.dumps(row) + "\n")
    rows = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    if chosen.draw:
        grouped = [row for row in rows if row["held_out"] == "by groups"]
        PICTURE.write_text(picture(grouped), encoding="utf-8")
    for way in ("by groups", "singly"):
        print(f"\nHeld out {way}:\n")
        print(table([row for row in rows if row["held_out"] == way]))


if __name__ == "__main__":
    main()
