"""Measure imputation: processor seconds, memory and what survives, beside peers, in one run.

Run ``python benchmarks/imputation.py``. Three sizes of one made-up population (`imputation_world`):
donors sampled by wealth, recipients whose true balances are known. Each way to impute runs in a
process of its own, one thread: ours in each mode, a hot deck of nearest neighbours by scikit-learn,
and microimpute where an interpreter that can import it is named by ``--peer`` (``pip install
microimpute`` in an environment aside). What was drawn is judged against the truth, next to what
the donors themselves, weighted, would say. The page goes to ``benchmarks/results/imputation.md``.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from imputation_methods import PROBABILITIES, losses
from imputation_world import PREDICTORS, TARGETS, World, world
from steps import Step, machine, measured

from steelyard.impute import evaluation

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "imputation.md"
OURS = ("sequential", "joint", "copula")
#: For each size the ways that are run on it.
SIZES = {
    (4_342, 20_000): (*OURS, "hot_deck", "microimpute"),
    (30_000, 150_000): ("sequential", "joint", "hot_deck"),
    (100_000, 400_000): ("sequential", "joint"),
}
NAMES = {
    "sequential": "ours, sequential",
    "joint": "ours, joint",
    "copula": "ours, copula",
    "hot_deck": "hot deck of 10 nearest neighbours",
    "microimpute": "microimpute QRF",
    "donors": "the donors themselves",
}
# Predictors whose rank correlation with the balances is watched.
WATCHED = ["age", "schooling_code", "wages", "interest", "social_security", "is_owner"]
ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
}


@dataclass(frozen=True)
class Run:
    """What one way took, and how far its draws lie from the truth; None for the donors."""

    took: Step | None
    figures: dict[str, float]
    quality: dict[str, float]
    losses: dict[str, float]

    @property
    def work(self) -> float:
        """Processor seconds of fit and draw."""
        return self.figures["fit"] + self.figures["draw"]


def main() -> None:
    """Run every way on every size, print the page and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", metavar="PYTHON", help="an interpreter with microimpute")
    parser.add_argument("--sizes", type=int, default=len(SIZES), help="how many, the least first")
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    options = parser.parse_args()
    parts = []
    for size in list(SIZES)[: options.sizes]:
        with tempfile.TemporaryDirectory(prefix="imputation-") as folder:
            parts.append(section(size, *one_size(size, Path(folder), options.peer)))
        print(parts[-1], flush=True)
    text = "\n\n".join(
        ["# What imputation costs, and what survives it", *parts, READING, machine()]
    )
    if not options.no_result:
        RESULTS.write_text(text + "\n", encoding="utf-8")


def one_size(size: tuple[int, int], folder: Path, peer: str | None) -> tuple[World, dict[str, Run]]:
    """Make a world and run the ways of its size on it."""
    made = world(*size)
    made.write(folder)
    runs = {}
    for method in SIZES[size]:
        python = sys.executable
        if method == "microimpute":
            if peer is None:
                continue
            python = peer
        command = [python, str(HERE / "imputation_methods.py"), method, str(folder)]
        command += ["--losses"] if size == next(iter(SIZES)) else []
        command += ["--growth"] if size == list(SIZES)[-1] else []
        environment = (
            ONE_THREAD if python == peer else {**ONE_THREAD, "PYTHONPATH": str(ROOT / "src")}
        )
        took = measured(command, environment, folder)
        figures = json.loads((folder / f"{method}.json").read_text(encoding="utf-8"))
        drawn = pd.DataFrame(dict(np.load(folder / f"{method}.npz")))
        weights = made.recipients["w"].to_numpy()
        runs[method] = Run(
            took, figures, quality(made, drawn, made.recipients, weights), figures.pop("losses", {})
        )
    own = quality(made, made.donors[list(TARGETS)], made.donors, made.donors["w"].to_numpy())
    flat = {
        name: np.broadcast_to(
            evaluation.weighted_quantile(made.donors[name], made.donors["w"], PROBABILITIES),
            (len(made.held_out), len(PROBABILITIES)),
        )
        for name in TARGETS
    }
    runs["donors"] = Run(None, {}, own, losses(made.held_out, flat))
    return made, runs


def quality(
    made: World, values: pd.DataFrame, known: pd.DataFrame, weights: np.ndarray
) -> dict[str, float]:
    """Return how far values lie from the recipients' true ones: means over targets or pairs."""
    truth = made.recipients
    true_weights = truth["w"].to_numpy()
    names = list(TARGETS)
    ks = [
        evaluation.ks_distance(values[name], weights, truth[name], true_weights) for name in names
    ]
    zeros = [
        evaluation.zero_share(values[name], weights)
        - evaluation.zero_share(truth[name], true_weights)
        for name in names
    ]
    error = evaluation.rank_correlation_error(
        pd.concat([known[WATCHED].reset_index(drop=True), values[names]], axis=1),
        weights,
        truth[[*WATCHED, *names]],
        true_weights,
    )
    watched = len(WATCHED)
    pairs = np.triu_indices(len(names), 1)
    return {
        "ks": float(np.mean(ks)),
        "zeros": float(np.mean(np.abs(zeros))),
        "ranks": float(np.abs(error[watched:, watched:][pairs]).mean()),
        "cross": float(np.abs(error[:watched, watched:]).mean()),
    }


def section(size: tuple[int, int], made: World, runs: dict[str, Run]) -> str:
    """Return the part of the page on one size."""
    lines = [
        f"## {size[0]:,} donors asked for ({len(made.donors):,} drawn), {size[1]:,} recipients",
        "",
        f"{len(PREDICTORS)} predictors, {len(TARGETS)} targets.",
        "",
        "| | fit, CPU s | draw, CPU s | peak GiB | KS | zero share | rank correlation "
        "| with predictors |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for method, run in runs.items():
        cost = "| | | "
        if run.took is not None:
            peak = run.took.peak / 2**30
            cost = f"| {run.figures['fit']:.2f} | {run.figures['draw']:.2f} | {peak:.2f} "
        errors = " | ".join(f"{run.quality[key]:.4f}" for key in ("ks", "zeros", "ranks", "cross"))
        lines.append(f"| {NAMES[method]} {cost}| {errors} |")
    lines += ["", *ratios(runs), *growth(runs), *loss_table(runs)]
    return "\n".join(lines).rstrip()


def ratios(runs: dict[str, Run]) -> list[str]:
    """Say how many times our processor seconds each peer took."""
    found = []
    for peer in ("microimpute", "hot_deck"):
        if peer in runs:
            told = ", ".join(
                f"{runs[peer].work / runs[mode].work:.1f} times {NAMES[mode]}"
                for mode in OURS
                if mode in runs
            )
            found += [f"{NAMES[peer]} took {runs[peer].work:.1f} processor seconds: {told}.", ""]
    return found


def growth(runs: dict[str, Run]) -> list[str]:
    """Say what a quarter, a half and all of the recipients cost to draw."""
    found = []
    for method, run in runs.items():
        costs = [f"{run.figures[key]:.2f}" for key in run.figures if key.startswith("draw_")]
        if costs:
            told = ", ".join(costs)
            found += [
                f"A quarter, a half and all of the recipients, {NAMES[method]}: {told} CPU s.",
                "",
            ]
    return found


def loss_table(runs: dict[str, Run]) -> list[str]:
    """Return losses at 19 quantiles relative to the donors' unconditional ones."""
    judged = [method for method in runs if runs[method].losses and method != "donors"]
    if not judged:
        return []
    lines = [
        "Loss at 19 quantiles on held-out records, relative to ignoring the predictors (lower is "
        "better):",
        "",
        f"| | {' | '.join(NAMES[method] for method in judged)} |",
        f"|---|{'---:|' * len(judged)}",
    ]
    for name in TARGETS:
        base = runs["donors"].losses[name]
        told = " | ".join(f"{runs[method].losses[name] / base:.3f}" for method in judged)
        lines.append(f"| {name} | {told} |")
    return lines


READING = """\
KS is the largest gap between weighted distribution functions, zero share the gap of shares of
zeros, each the mean over targets; rank correlation is the mean gap over pairs of targets, and of
targets with six predictors. *The donors themselves* is what nobody can be expected to beat by much:
a sample differs from the truth by chance. Seconds are processor seconds of one thread; memory is
the process's, interpreter and data included. Written by `python benchmarks/imputation.py`; what
stands under one heading is from one run."""


if __name__ == "__main__":
    main()
