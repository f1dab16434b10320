"""``steelyard stages``: what a build took, and what takes more than it did before."""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from steelyard.release import find_release, latest_release
from steelyard.release.folder import COSTS, read_manifest
from steelyard.release.stages import compare_stages, read_stages, release_before

SHOWN = 15


def add_stages(commands: Any) -> None:
    """Add the command to the others."""
    command = commands.add_parser(
        "stages", help="what each stage of a build took, beside the release before"
    )
    command.add_argument("old", nargs="?", help="a release's folder, or its version")
    command.add_argument("new", nargs="?", help="another (default: the latest of the build)")
    command.add_argument("--target", default="demo", help="the build (default: demo)")
    command.set_defaults(run=run_stages)


def run_stages(chosen: argparse.Namespace) -> None:
    """Print the longest stages, after those that grew by a quarter."""
    folder = Path("releases") / chosen.target
    new = find_release(folder, chosen.new) if chosen.new else latest_release(folder)
    old = find_release(folder, chosen.old) if chosen.old else release_before(new)
    stages = read_stages(new)
    print(f"{new.name}: {_told(read_manifest(new)['made'].get('resources'))}")
    if old is not None and not chosen.old and not (old / COSTS).is_file():
        print(f"{old.name}, the release before, does not say what it took")
        old = None
    elif old is None:
        print("no earlier release of this build to compare with")
    if old is None:
        rows = compare_stages(stages.iloc[:0], stages)
    else:
        rows = compare_stages(read_stages(old), stages)
        flagged = rows[rows["flag"] != ""]
        print(f"beside {old.name}: {len(flagged) or 'no'} stages 25 % slower or bigger")
    print(f"\n{'':32}{'seconds':>9}{'was':>9}{'grew by':>12}{'was':>12}{'rows':>13}")
    for row in rows.head(max(SHOWN, int(rows["flag"].ne("").sum()))).to_dict("records"):
        figures = [
            _number(row["new_seconds"], 1, ",.1f"),
            _number(row["old_seconds"], 1, ",.1f"),
            _number(row["new_grown_bytes"], 2**20, ",.0f", " MiB"),
            _number(row["old_grown_bytes"], 2**20, ",.0f", " MiB"),
            _number(row["new_row_count"], 1, ",.0f"),
        ]
        widths = "{:>9}{:>9}{:>12}{:>12}{:>13}".format(*figures)
        print(f"{row['stage']:32}{widths}  {row['flag']}".rstrip())


def _told(resources: dict[str, Any] | None) -> str:
    if not resources or resources["seconds"] is None:
        return "what the whole took is not known"
    return (
        f"{resources['seconds']:,.0f} s by the clock, {resources['work_seconds']:,.0f} s of work, "
        f"{resources['peak_bytes'] / 2**30:.2f} GiB at most, on {resources['core_count']} cores; "
        f"{resources['remembered_count']} stages read from the cache"
    )


def _number(value: float, unit: float, form: str, name: str = "") -> str:
    return "–" if pd.isna(value) else format(value / unit, form) + name
