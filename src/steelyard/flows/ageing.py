"""The tasks of a flow that age a panel: a year of an imputation each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture

from steelyard.flows.partitions import Partition, Store, partition_key
from steelyard.flows.prepared import Extent, Panel
from steelyard.flows.worker import Order
from steelyard.flows.workers import LostWorkerError, UnreadableDiskError, Workers
from steelyard.release.folder import point
from steelyard.warehouse.files import replace_text
from steelyard.warehouse.stage import tell

MANIFEST = "manifest.json"
RETRIES = 2

Record = dict[str, Any]


def age(panel: Panel, extent: Extent, finish: Callable[[], None] = lambda: None) -> list[Partition]:
    """Make the years that are not there yet; called by a flow.

    Parameters
    ----------
    panel, extent
        What is to be aged, and how far.
    finish
        Adds up the years, while no other process can get at the panel; ``latest`` leads to it then.

    Returns
    -------
    The last year of each imputation.

    Raises
    ------
    PanelError
        If a year cannot be made, was altered, or another process is at work on the panel. Finished
        years are kept, and the same call goes on from there.
    NoSpaceError
        If the disk is full.

    Notes
    -----
    A year that is there is not made again: its key is a hash of the year before, of what the panel
    begins with, plan and code, and its files are checked. That is all the cache there is. Prefect's
    own would be a second truth, that a year was made, of files that may since be altered or gone.
    """
    first = panel.plan.base_year
    extent.refuse_empty(first)
    store = Store(panel.panels / panel.name)
    with store.alone():
        if extent.again_from is not None:
            tell(f"{store.forget(extent.again_from)} years from {extent.again_from} on forgotten")
        kept = {
            number: store.kept(panel.key, number, first)
            for number in range(1, extent.imputations + 1)
        }
        _tell_kept(kept, store)
        _write_manifest(panel, store)
        with Workers(store.root, panel.steps, panel.plan, extent.side_by_side) as workers:
            ends = _age(panel, extent, workers, kept)
        finish()
        if panel.said.get("reform") is None:
            point(panel.panels / "latest", panel.name)
    return ends


def _age(
    panel: Panel, extent: Extent, workers: Workers, kept: Mapping[int, list[Partition]]
) -> list[Partition]:
    """Submit the years that are missing, and wait for them; a year waits for the one before."""
    one = _task(panel, extent, workers)
    running: dict[int, PrefectFuture[Record]] = {}
    ends = {number: years[-1] for number, years in kept.items() if years}
    submitted = []
    for year in range(panel.plan.base_year, extent.to + 1):
        for number, years in kept.items():
            if year < panel.plan.base_year + len(years):
                continue
            before = running.get(number) or (asdict(ends[number]) if number in ends else None)
            running[number] = one.submit(number, year, before)
            submitted.append(running[number])
    for future in submitted:
        future.result()
    ends |= {number: Partition(**future.result()) for number, future in running.items()}
    return [ends[number] for number in sorted(ends)]


def _task(panel: Panel, extent: Extent, workers: Workers) -> Task[[int, int, Any], Record]:
    """Return the task that makes a year; its result is the year's record, and not its tables."""

    @task(
        name="age-one-year",
        task_run_name="imputation {imputation}, {year}",
        retries=RETRIES,
        retry_delay_seconds=extent.retry_seconds,
        retry_condition_fn=_is_worth_a_try,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def age_one_year(imputation: int, year: int, before: Record | None) -> Record:
        past = Partition(**before) if before else None
        key = partition_key(panel.key, imputation, year, past)
        made = workers.make(Order(imputation, year, key, None if past else panel.base))
        tell(
            f"imputation {imputation} of {extent.imputations}, {year}: "
            f"{made.tables['person']['row_count']:,} persons, {made.seconds:.1f} s, "
            f"{made.peak_bytes / 2**30:.2f} GiB at most"
        )
        return asdict(made)

    return age_one_year


def _is_worth_a_try(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Say whether a failed year may succeed if tried again: the steps themselves are pure."""
    return isinstance(state.data, LostWorkerError | UnreadableDiskError)


def _tell_kept(kept: Mapping[int, list[Partition]], store: Store) -> None:
    for number, years in kept.items():
        if years:
            tell(
                f"imputation {number}: {years[0].year} to {years[-1].year} are there and right, "
                f"in {store.root}"
            )


def _write_manifest(panel: Panel, store: Store) -> None:
    told = {
        "panel": panel.name,
        "key": panel.key,
        "base_year": panel.plan.base_year,
        "plan_key": panel.plan.key,
        **panel.said,
    }
    replace_text(store.root / MANIFEST, json.dumps(told, indent=2, sort_keys=True) + "\n")
