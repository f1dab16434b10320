"""The flow that ages a panel of the latest release, and its schedule."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from prefect import flow, serve
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from steelyard.flows.accounts import write_accounts
from steelyard.flows.ageing import age
from steelyard.flows.effect import write_effect
from steelyard.flows.partitions import PanelError
from steelyard.flows.preparing import Request, prepare, reform_of
from steelyard.panel.payments.reform import Reform
from steelyard.panel.plan import Plan


@flow(name="age-panel", persist_result=False)
def age_panel(request: Request) -> str:
    """Age a panel, and return its folder; what is there already is not made again.

    A reform is aged beside its baseline, on the same random numbers; `write_effect` says what it
    changes, and ``latest`` goes on leading to the baseline.

    Raises
    ------
    PanelError
        If it cannot be made, or not further.
    NoSpaceError
        If the disk is full.
    """
    reform = reform_of(request)
    if reform is None:
        return str(_aged(request))
    baseline = _aged(replace(request, reform=None))
    return str(_aged(request, reform, baseline))


def _aged(request: Request, reform: Reform | None = None, baseline: Path | None = None) -> Path:
    panel = prepare(request)
    folder, plan = panel.panels / panel.name, cast(Plan, panel.plan)

    def finish() -> None:
        write_accounts(folder, plan, reform)
        if baseline is not None:
            write_effect(baseline, folder, plan, request.to)

    age(panel, request.extent(), finish)
    return folder


def deployment(request: Request, cron: str) -> RunnerDeployment:
    """Return what lets `age_panel` run by a schedule.

    Parameters
    ----------
    request
        What each run asks for. A new release is a new panel; without one, a run finds all its
        years there.
    cron
        Minute, hour, day, month and day of the week, in UTC.

    Raises
    ------
    PanelError
        If it is no schedule.
    """
    asked = asdict(request) | {"root": str(Path(request.root).resolve()), "again_from": None}
    try:
        return age_panel.to_deployment(  # type: ignore[return-value]  # of a flow that is not async
            name=request.target,
            cron=cron,
            parameters={"request": asked},
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
    except ValueError as error:
        raise PanelError(
            f"{cron!r} is no schedule such as '0 3 * * 1', Mondays at three ({error})"
        ) from error


def serve_panel(request: Request, cron: str) -> None:
    """Wait for the hours of the schedule, and age a panel at each, until interrupted."""
    serve(deployment(request, cron), limit=1, print_starting_message=False)
