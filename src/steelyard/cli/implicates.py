"""``steelyard implicates``: how much of each headline hangs on what was drawn."""

import argparse
from pathlib import Path
from typing import Any

from steelyard.warehouse.implicates import make_implicates

COUNT = 5


def add_implicates(commands: Any) -> None:
    """Add the command to the others."""
    implicates = commands.add_parser(
        "implicates", help="draw anew what surveys lack, for the errors of imputation"
    )
    implicates.add_argument("--target", default="demo", help="the build (default: demo)")
    implicates.add_argument(
        "--count", type=int, default=COUNT, help=f"how many in all (default: {COUNT})"
    )
    implicates.set_defaults(run=run_implicates)


def run_implicates(chosen: argparse.Namespace) -> None:
    """Make those that are not there, saying each as it is done.

    Raises
    ------
    ImplicateError
        If there is no finished build, or dbt fails.
    """
    for number, seconds in make_implicates(Path("build") / chosen.target, chosen.count):
        done = "was there" if seconds is None else f"{seconds:.0f} s"
        print(f"implicate {number} of {chosen.count}: {done}", flush=True)
    print(f"Release them: dbt build --target {chosen.target} --select val_implicate+")
