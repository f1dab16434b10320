"""Solve for the weights of a finished build, all of its records and 280,005 of them, and time it.

Run ``python benchmarks/calibration_real.py`` where ``dbt build --target tax_units`` has finished.
Each row is a process of its own on one thread, from initial weights until the last digit is
settled, as a build solves: CPU seconds of the solve, checks and layout included, loading not; peak
memory of the whole process. Beside it what an epoch of Adam takes on all. The table is printed and
written to ``benchmarks/results/calibration_real.md``.
"""

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from calibration import alone
from calibration_choice import problem
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.adam import solve_adam
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.problem import problem_from

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "calibration_real.md"
#: Households that the bar was set for; 0 means all.
SIZES = (280_005, 0)
HEAD = (
    "| households | facts fitted | non-zeros | Newton steps | CPU s | GiB | within 10 % "
    "| held out, median | effective sample |"
)
#: Epochs of a descent that is timed.
EPOCHS = 40
ADAM = (
    "`adam` reads {share:.0%} of the non-zeros in an epoch on all households, laid out in "
    "{layout:.0f} CPU seconds; an epoch takes {epoch:.4f}, 10,000 of them {epochs:.0f}."
)


def drawn(database: Path, size: int, file: Path) -> None:
    """Write the problem of some of the households, drawn at random, or of all, to a file."""
    of, facts = problem(database, 1)
    matrix, weights = of.matrix, of.initial_weights
    if size:
        kept = np.sort(np.random.default_rng(1).choice(weights.size, size, replace=False))
        matrix = sparse.csr_array(matrix[:, kept])
        weights = weights[kept] * (weights.sum() / weights[kept].sum())
    role = np.append(facts.target_role, [""] * (of.targets.size - len(facts))).astype(str)
    parts = {name: getattr(matrix, name) for name in ("data", "indices", "indptr")}
    np.savez(file, **parts, weights=weights, targets=of.targets, role=role, **of.options)


def loaded(file: Path) -> tuple["sparse.csr_array", dict[str, Any]]:
    """Read a problem back: its matrix, and all else."""
    with np.load(file) as kept:
        of = dict(kept)
    shape = (of["role"].size, of["weights"].size)
    matrix = (of.pop("data"), of.pop("indices"), of.pop("indptr"))
    return sparse.csr_array(matrix, shape=shape), of


def solved(file: Path) -> dict[str, Any]:
    """Weigh the households of a file in this process."""
    matrix, of = loaded(file)
    weights, role = of["weights"], of["role"]
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    distance = settings["calibration"]["distance_weight"]["tax_units"]
    config = CalibrationConfig(solver="dual", distance_weight=distance, settle=True)
    options = {name: of[name] for name in ("scale", "loss_weight", "held_out")}
    started = time.process_time()
    result = calibrate(matrix, of["targets"], weights, config, **options)
    cpu = time.process_time() - started
    errors, found = np.abs(result.relative_errors), result.diagnostics
    return {
        "cpu": cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "households": weights.size,
        "fitted": int((role == "fitted").sum()),
        "nonzeros": int(matrix.nnz),
        "steps": found["iterations"],
        "within": float(np.mean(errors[role == "fitted"] <= 0.1)),
        "held_out": float(np.median(errors[role == "held_out"])),
        "sample": found["effective_sample_size_after"] / found["effective_sample_size_before"],
    }


def descended(file: Path) -> dict[str, float]:
    """Time an epoch of Adam on a file's households: the median of seven descents."""
    matrix, of = loaded(file)
    config = CalibrationConfig(solver="adam", epochs=EPOCHS, record_every=EPOCHS, patience=EPOCHS)
    options = {name: of[name] for name in ("scale", "loss_weight", "held_out")}
    inputs = checked(matrix, of["targets"], of["weights"], config, options)
    torch.set_num_threads(1)
    began = time.process_time()
    problem = problem_from(inputs, config, np.float32, in_parts=True)
    moments = [time.process_time()]
    for _ in range(7):
        solve_adam(problem, None)
        moments.append(time.process_time())
    products = problem.fitted.products
    return {
        "layout": moments[0] - began,
        "epoch": float(np.median(np.diff(moments))) / EPOCHS,
        "share": (products.parts.nnz + products.sums.nnz)
        / matrix[np.flatnonzero(inputs.fitted)].nnz,
    }


def row(of: dict[str, Any]) -> str:
    """Lay one measurement out as a row of the table."""
    return (
        f"| {of['households']:,} | {of['fitted']:,} | {of['nonzeros']:,} | {of['steps']} "
        f"| {of['cpu']:.0f} | {of['peak']:.2f} | {100 * of['within']:.1f} % "
        f"| {100 * of['held_out']:.1f} % | {100 * of['sample']:.1f} % |"
    )


def main() -> int:
    """Measure each size in a process of its own, or one in this."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", type=Path, default=ROOT / "build/tax_units/steelyard.duckdb")
    parser.add_argument("--part", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--adam", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part is not None:
        print(json.dumps(descended(asked.part) if asked.adam else solved(asked.part)))
        return 0
    lines = [HEAD, "|---" * HEAD.count(" | ") + "|---|"]
    with tempfile.TemporaryDirectory(prefix="steelyard-bench-") as folder:
        for size in SIZES:
            file = Path(folder) / "problem.npz"
            drawn(asked.database, size, file)
            lines.append(row(alone(__file__, "--part", str(file))))
            print(lines[-1])
        descent = alone(__file__, "--part", str(file), "--adam")
    lines += ["", ADAM.format(**descent, epochs=10_000 * descent["epoch"])]
    print(lines[-1])
    made = f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores"
    text = (
        "# Weights of `tax_units`, solved from nothing\n\n"
        f"Made by `benchmarks/calibration_real.py` ({made}); one thread, until the last digit is "
        "settled. Facts are all that are fitted, those of few records too; Newton steps those of "
        "all households, after a sample's.\n\n"
    )
    RESULTS.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
