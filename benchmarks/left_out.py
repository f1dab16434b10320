"""Leave each family of facts, and each state, out of a finished build's weights, and time it.

Run ``python benchmarks/left_out.py --target tax_units`` where `dbt build` has solved: what
`val_left_out` holds in a build that is asked for doubts, CPU seconds, and peak
memory of the process. The tables are printed and written to
``benchmarks/results/left_out_<target>.md``.
"""

import argparse
import resource
import sys
import time
from typing import Any

import duckdb
import yaml
from calibration_choice import ROOT, TABLES

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.scrutiny import left_out_table

ASKED = TABLES | {
    "targets": (
        "select * replace (row_target as target_value) from cal_target order by target_index"
    ),
    "households": (
        "select cal_household_index.*, cal_weight.calibrated_weight from cal_household_index "
        "inner join cal_weight using (household_id) order by household_index"
    ),
    "multipliers": "select * from cal_multiplier order by position",
}
HEAD = """| left out | facts | initial weights | calibrated | left out | all others then |
|---|---:|---:|---:|---:|---:|"""


def main() -> int:
    """Ask, time, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--target", default="tax_units", help="the build (default: tax_units)")
    target = parser.parse_args().target
    with duckdb.connect(ROOT / "build" / target / "steelyard.duckdb", read_only=True) as build:
        tables = {name: build.sql(query).to_arrow_table() for name, query in ASKED.items()}
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    config = CalibrationConfig(distance_weight=settings["calibration"]["distance_weight"][target])
    started = time.process_time()
    found = left_out_table(
        **tables, config=config, is_wanted=True, progress=lambda said: print(said, file=sys.stderr)
    )
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    text = page(target, found.to_pylist(), f"{seconds:,.0f} CPU seconds and {peak:.1f} GiB")
    result = ROOT / "benchmarks" / "results" / f"left_out_{target}.md"
    result.write_text(text, encoding="utf-8")
    print(text)
    return 0


def page(target: str, rows: list[dict[str, Any]], cost: str) -> str:
    """Write the page: what it took, families, states."""
    states = [row for row in rows if row["group_kind"] == "state"]
    worse = sum(row["left_out_median_error"] > row["initial_median_error"] for row in states)
    parts = [
        f"# What the rest of the facts says of a family or a state, in `{target}`",
        "Made by `benchmarks/left_out.py`: median distance of a group's fitted facts from what is "
        f"published. {len(rows)} groups took {cost}; the furthest kept fact is "
        f"{max(row['mismatch'] for row in rows):.0e} from its optimum.",
        f"Left out, {worse} of {len(states)} states are further off than before weighing.",
    ]
    for kind in ("family", "state"):
        of_kind = [row for row in rows if row["group_kind"] == kind]
        of_kind.sort(key=lambda row: row["left_out_median_error"], reverse=True)
        parts.append("\n".join([HEAD, *(line(row) for row in of_kind)]))
    return "\n\n".join(parts) + "\n"


def line(row: dict[str, Any]) -> str:
    """Lay one group out as a row of the table."""
    stages = ("initial", "fitted", "left_out", "rest")
    errors = " | ".join(f"{100 * row[f'{stage}_median_error']:.1f} %" for stage in stages)
    return f"| {row['group_name']} | {row['target_count']:,} | {errors} |"


if __name__ == "__main__":
    sys.exit(main())
