"""``steelyard panel``: age the population of a release year by year, now or by a schedule."""

import argparse
import sys
from typing import Any

from steelyard.flows.partitions import PanelError
from steelyard.flows.server import prefect_here

INTERRUPTED = 130
TO, IMPUTATIONS, PERSONS, SEED = 2060, 5, 100_000, 20221115
DETAILS = (
    "Finished years are kept, whatever ends a run, and the same command goes on from there: a year "
    "is made anew only where the release, the plan or the code is another, and then the whole "
    "panel is another. Exit codes: 0 aged; 1 refused, or a year could not be made; 130 interrupted."
)


def add_panel(commands: Any) -> None:
    """Add the command to the others."""
    command = commands.add_parser(
        "panel", help="age the population of a release, year by year", description=DETAILS
    )
    command.add_argument("--target", default="demo", help="the build (default: demo)")
    command.add_argument("--to", type=int, default=TO, help=f"the last year (default: {TO})")
    command.add_argument(
        "--imputations", type=int, default=IMPUTATIONS, help=f"how many (default: {IMPUTATIONS})"
    )
    command.add_argument(
        "--persons",
        type=int,
        default=PERSONS,
        help=f"records, about (default: {PERSONS:,}); 0 for as many as the release has",
    )
    command.add_argument(
        "--scenario",
        default="intermediate",
        help="the Trustees' low_cost, intermediate or high_cost, or a CSV file of yearly "
        "assumptions (default: intermediate)",
    )
    command.add_argument("--reform", metavar="FILE", help="a change of the law, YAML")
    command.add_argument("--seed", type=int, default=SEED, help="of all draws")
    command.add_argument(
        "--side-by-side",
        type=int,
        default=0,
        metavar="N",
        help="imputations aged at once (default: as many as cores and memory allow)",
    )
    command.add_argument(
        "--again-from", type=int, metavar="YEAR", help="make this year and all later ones anew"
    )
    command.add_argument(
        "--serve",
        metavar="CRON",
        help="wait, and do this by a schedule, in UTC: '0 3 * * 1', Mondays at 3",
    )
    command.set_defaults(run=run_panel)


def run_panel(chosen: argparse.Namespace) -> int:
    """Age a panel, or wait for the hours of a schedule; return the exit code.

    Raises
    ------
    PanelError
        If the panel cannot be made.
    """
    # What draws lives takes seconds to import, and other commands do without.
    from steelyard.flows.preparing import Request, prepare  # noqa: PLC0415

    asked = Request(
        target=chosen.target,
        to=chosen.to,
        imputations=chosen.imputations,
        persons=chosen.persons,
        scenario=chosen.scenario,
        reform=chosen.reform,
        seed=chosen.seed,
        side_by_side=chosen.side_by_side,
        again_from=chosen.again_from,
    )
    if chosen.serve and chosen.again_from is not None:
        raise PanelError("--again-from is for once: give it without --serve")
    try:
        # Before anything begins: what cannot be aged is refused within seconds.
        prepare(asked)
        with prefect_here(schedules=bool(chosen.serve)):
            # Prefect reads its settings when it is imported.
            from steelyard.flows.panel import age_panel, serve_panel  # noqa: PLC0415

            if chosen.serve:
                sys.stderr.write(f"waiting for {chosen.serve}; Ctrl-C ends it\n")
                serve_panel(asked, chosen.serve)
                return 0
            print(f"panel {age_panel(asked)}")
    except KeyboardInterrupt:
        sys.stderr.write(
            "\ninterrupted; finished years are kept, and the same command goes on from there\n"
        )
        return INTERRUPTED
    return 0
