"""What weighing the copy as told less, and holding weights nearer to the survey, makes of the fit.

Run ``python benchmarks/copies.py --target tax_units`` where ``dbt build`` has finished. Each share
of the copy as told is solved for with each distance weight, from the build's own matrix; the page
is printed and written to ``benchmarks/results/copies_<target>.md``.
"""

import argparse
import itertools
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from calibration_choice import ROOT, problem

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.layout import Layout
from steelyard.validate import effective_sample_size

#: Shares of copy 0, and distance weights (λ).
SHARES = (0.5, 0.3, 0.15)
DISTANCES = (0.0065, 0.0055, 0.0045)
#: Households that must bear on a fact for it to count.
BEARING = 30
HOUSEHOLDS = """
    select copies.copy_id = 0 as is_told, copies.source_household_id, shares.design_weight_share
    from cal_household_index as households
    inner join ext_household as copies on households.household_id = copies.household_id
    inner join params_copy as shares
        on shares.copy_id = least(copies.copy_id, 1) and shares.build_target = '{}'
    order by households.household_index
"""
HEAD = (
    "share of copy 0",
    "λ",
    "fitted within 10 %",
    "held out, median",
    "effective sample, records",
    "effective sample, survey households",
)


def main() -> None:
    """Solve, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="tax_units", help="the build (default: tax_units)")
    target = parser.parse_args().target
    database = ROOT / "build" / target / "steelyard.duckdb"
    if not database.is_file():
        sys.exit(f"there is no {database}; run `dbt build --target {target}`")
    text = page(target, database)
    print(text)
    result = ROOT / "benchmarks" / "results" / f"copies_{target}.md"
    result.write_text(text, encoding="utf-8")


def page(target: str, database: Path) -> str:
    """Lay every setting out as a row."""
    laid, facts = problem(database, thin=1)
    with duckdb.connect(str(database), read_only=True) as connection:
        copies = connection.execute(HOUSEHOLDS.format(target)).df()
    lines = [
        "# Copies as told, by what they weigh",
        "",
        f"Build `{target}`: {len(copies):,} records of "
        f"{copies['source_household_id'].nunique():,} survey households; facts that {BEARING} "
        "households or more bear on. Effective samples are Kish's, as shares of the design's: of "
        "records, and of survey households with the weights of their copies together.",
        "",
        "| " + " | ".join(HEAD) + " |",
        "|---:" * len(HEAD) + "|",
    ]
    for share, distance in itertools.product(SHARES, DISTANCES):
        told = copies["is_told"].to_numpy()
        factor = np.where(told, share, 1 - share) / copies["design_weight_share"].to_numpy()
        weights = laid.initial_weights * factor
        row = measured(laid, facts, weights, CalibrationConfig(distance_weight=distance))
        households = copies["source_household_id"].to_numpy()
        row.append(_effective(row.pop(), weights, np.unique(households, return_inverse=True)[1]))
        cells = [f"{share}", f"{distance}", *(f"{100 * each:.1f} %" for each in row)]
        lines.append("| " + " | ".join(cells) + " |")
        print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join([*lines, ""])


def measured(laid: Layout, facts: Any, weights: Any, config: CalibrationConfig) -> list[Any]:
    """Return the share within 10 %, the held-out median, the effective sample, and weights."""
    solved = calibrate(laid.matrix, laid.targets, weights, config, **laid.options)
    errors = np.abs(solved.estimates[: len(facts)] / facts["target_value"].to_numpy() - 1)
    bearing = (facts["support_count"] >= BEARING).to_numpy()
    fitted = bearing & (facts["target_role"] == "fitted").to_numpy()
    unseen = bearing & (facts["target_role"] == "held_out").to_numpy()
    records = effective_sample_size(solved.weights) / effective_sample_size(weights)
    return [np.mean(errors[fitted] <= 0.1), np.median(errors[unseen]), records, solved.weights]


def _effective(after: Any, before: Any, household: Any) -> float:
    """Compare effective samples of survey households."""
    sums = (np.bincount(household, each) for each in (after, before))
    calibrated, design = (effective_sample_size(each) for each in sums)
    return calibrated / design


if __name__ == "__main__":
    main()
