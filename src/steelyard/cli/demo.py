"""``steelyard demo``: write the demo world as a mirror of the publishers."""

import argparse
import sys
from pathlib import Path
from typing import Any

from steelyard.sources.demo import IMITATIONS, write_survey
from steelyard.sources.doors import SourceError

HOUSEHOLDS = 5000


def add_demo(commands: Any) -> None:
    """Add the command to the others."""
    demo = commands.add_parser(
        "demo", help="write made-up surveys as their publishers lay them out"
    )
    demo.add_argument("folder", type=Path, help="becomes a mirror: <host>/<path> of each file")
    demo.add_argument(
        "--survey", action="append", choices=sorted(IMITATIONS), help="this one only; repeatable"
    )
    demo.add_argument("--vintage", type=int, help="this publisher's year only")
    demo.add_argument(
        "--scale",
        type=float,
        default=1.0,
        help=f"times the usual size: 1 is an ASEC of {HOUSEHOLDS:,} households, 15 is survey size",
    )
    demo.add_argument("--seed", type=int, default=2022, help="of all draws")
    demo.set_defaults(run=run_demo)


def run_demo(chosen: argparse.Namespace) -> None:
    """Write what was asked for, saying each file as it is done.

    Raises
    ------
    SourceError
        If the world is too small, or no survey has the vintage.
    """
    wanted = [
        (survey, vintage)
        for survey in chosen.survey or IMITATIONS
        for vintage in IMITATIONS[survey].vintages
        if chosen.vintage in (None, vintage)
    ]
    if not wanted:
        known = "; ".join(f"{name} {i.vintages}" for name, i in IMITATIONS.items())
        raise SourceError(f"no survey asked for has a vintage {chosen.vintage}; there are {known}")
    for survey, vintage in wanted:
        sys.stderr.write(f"{survey} {vintage}\n")
        try:
            paths = write_survey(
                chosen.folder,
                survey,
                vintage,
                households=round(HOUSEHOLDS * chosen.scale),
                seed=chosen.seed,
            )
        except ValueError as error:
            raise SourceError(str(error)) from error
        for path in paths:
            print(f"{path.stat().st_size:>14,} bytes  {path}")
