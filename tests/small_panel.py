"""A panel of a few persons, whose years are made by functions that a test can watch and disturb."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from steelyard.flows.beside import write_beside
from steelyard.flows.worker import Steps

FIRST = 2022


@dataclass(frozen=True)
class SmallPlan:
    """What the small panel is aged by.

    ``disturbance`` is done once in the year ``in_year``: a file at ``watch`` says that it was.
    """

    seed: int = 1
    persons: int = 50
    base_year: int = FIRST
    disturbance: str = ""
    in_year: int = 0
    watch: Path = Path()

    @property
    def key(self) -> str:
        """Disturbances change no table."""
        return f"{self.seed}-{self.persons}"


def begin(base: Mapping[str, pa.Table], plan: SmallPlan, imputation: int) -> dict[str, pa.Table]:
    """Everybody lives, and half are of the release."""
    disturb(plan, FIRST)
    ids = np.arange(1, plan.persons + 1)
    return tables(ids, FIRST, plan, imputation) | {
        "history": pa.table({"person_id": ids, "earnings": pa.array([[1.0]] * len(ids))}),
        "life": pa.table({"person_id": ids, "source": base["person"]["person_id"].take(ids % 2)}),
    }


def age_one_year(
    parts: Mapping[str, pa.Table], year: int, plan: SmallPlan, imputation: int
) -> dict[str, pa.Table]:
    """The eldest dies, one is born, and earnings hang on all that was earned before."""
    disturb(plan, year)
    person, earned = parts["person"], parts["earned"]
    assert earned.num_rows == plan.persons * (year - FIRST)
    assert parts["life"].num_rows == plan.persons + year - FIRST - 1
    assert parts["dead"].num_rows == year - FIRST - 1
    ids = np.append(person["person_id"].to_numpy()[1:], 1000 + year)
    made = tables(ids, year, plan, imputation, float(np.sum(earned["earnings"])) / 1e6)
    dead = person.slice(0, 1)
    new = pa.table({"person_id": ids[-1:], "source": pa.array([-1])})
    return made | {"dead": dead, "life": new}


def tables(
    ids: np.ndarray, year: int, plan: SmallPlan, imputation: int, more: float = 0.0
) -> dict[str, pa.Table]:
    rng = np.random.default_rng([plan.seed, year, imputation])
    person = pa.table({"person_id": ids, "earnings": rng.random(len(ids)) + more})
    nothing = pa.array([], pa.list_(pa.float64()))
    return {
        "person": person,
        "dead": person.slice(0, 0),
        "marriage": pa.table({"husband_id": ids[:2]}),
        "life": pa.table({"person_id": ids[:0], "source": pa.array([], pa.int64())}),
        "history": pa.table({"person_id": ids[:0], "earnings": nothing}),
        "event": pa.table({"event": ["birth"], "wanted": [1.0]}),
        "benefit": pa.table({"year": [year]}),
    }


def disturb(plan: SmallPlan, year: int) -> None:
    """Once, in one year: die, refuse, fail on the disk, or take very long."""
    if not plan.disturbance or year != plan.in_year or plan.watch.exists():
        return
    plan.watch.write_text(str(os.getpid()))
    if plan.disturbance == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if plan.disturbance == "refuses":
        plan.watch.unlink()
        raise ValueError("work: no rank for 3 persons")
    if plan.disturbance == "disk":
        raise OSError(5, "Input/output error")
    time.sleep(60)


BASE = {"person": pa.table({"person_id": pa.array([10, 20])})}


def write_number(panels: Path, number: int) -> None:
    """Write two files beside the years of the first imputation, both of one number."""
    (lane,) = panels.glob("2022-*/imputation=1")
    table = pa.table({"number": [number]})
    write_beside(lane, {"first.parquet": table, "second.parquet": table})


def run(
    panels: Path,
    to: int,
    plan: SmallPlan,
    imputations: int = 1,
    *,
    finish: Callable[[], None] = lambda: None,
    **more: Any,
) -> list[Any]:
    """Age a panel by a flow; Prefect is imported here, after it was told where it lives."""
    from prefect import flow  # noqa: PLC0415

    from steelyard.flows.ageing import Extent, Panel, age  # noqa: PLC0415

    panel = Panel(panels, BASE, plan, Steps(begin, age_one_year), {"target": "small"})
    extent = Extent(to, imputations, side_by_side=2, **{"retry_seconds": 0.1} | more)

    @flow(name="small")
    def small() -> list[Any]:
        return age(panel, extent, finish)

    return small()
