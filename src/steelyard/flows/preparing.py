"""From what is asked for to a panel that can be aged: base, law, published paths, reform."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import get_args

import yaml

from steelyard.flows.assumptions import (
    AssumptionError,
    Table,
    YearlySeries,
    lay_over,
    read_assumptions,
)
from steelyard.flows.base import Base, read_base
from steelyard.flows.partitions import PanelError
from steelyard.flows.prepared import Extent, Panel
from steelyard.flows.worker import Steps
from steelyard.oasdi import Parameters
from steelyard.oasdi.parameters import TABLES as LAW_TABLES
from steelyard.oasdi.parameters import Scenario
from steelyard.oasdi.tables import packaged_table, read_packaged
from steelyard.panel.base import NEEDED
from steelyard.panel.begin import begin
from steelyard.panel.payments.reform import Reform
from steelyard.panel.planning import plan_of
from steelyard.panel.published import TABLES as PUBLISHED_TABLES
from steelyard.panel.published import Published
from steelyard.panel.step import age_one_year
from steelyard.warehouse.checksum import sha256
from steelyard.warehouse.monitor import machine

SEED = 20221115
#: Assumptions of one's own lie over this scenario's.
_UNDER: Scenario = "intermediate"
#: What an imputation of 100,000 persons may need at most.
_BYTES_OF_ONE = 8 * 2**30


@dataclass(frozen=True)
class Request:
    """What is asked for; a scheduled run asks for the same each time.

    Parameters
    ----------
    target
        The build.
    to
        The last year.
    imputations
        How many, from 1 on.
    persons
        Records that the base is drawn into, about; 0 for one a person of the release.
    scenario
        One of the Trustees', or a CSV file of yearly assumptions.
    reform
        A YAML file.
    seed
        Of all draws.
    side_by_side
        Imputations aged at once; 0 for as many as cores and memory allow.
    again_from
        Years from this one on are made anew.
    root
        The checkout.
    """

    target: str = "demo"
    to: int = 2060
    imputations: int = 1
    persons: int = 100_000
    scenario: str = _UNDER
    reform: str | None = None
    seed: int = SEED
    side_by_side: int = 0
    again_from: int | None = None
    root: str = "."

    def extent(self) -> Extent:
        """How far, and how many at once."""
        return Extent(
            self.to, self.imputations, self.side_by_side or self._fitting(), self.again_from
        )

    def _fitting(self) -> int:
        here = machine()
        fit = min(here["core_count"], here["memory_bytes"] // _BYTES_OF_ONE, self.imputations)
        return max(int(fit), 1)


@lru_cache(maxsize=2)
def prepare(request: Request) -> Panel:
    """Read and check all that a panel is made from; nothing is written.

    Raises
    ------
    PanelError
        If the build, the scenario's file or the reform does not fit; the message says why.
    ReleaseError
        If there is no release, or it was altered.
    QueryError
        If the build's database is not there, or in use.
    """
    root = Path(request.root)
    base = base_of(request.target, root)
    request.extent().refuse_empty(base.income_year)
    scenario, series = _scenario(request, base.income_year)
    tables = lay_over(_tables(), series, scenario)
    published, baseline = Published.from_tables(tables), Parameters.from_tables(tables, scenario)
    if request.to > published.last_year:
        raise PanelError(
            f"a panel ends in {published.last_year} at the latest, where the published paths do; "
            f"asked for was {request.to}"
        )
    try:
        plan = plan_of(
            base.tables["person"],
            base_year=base.income_year,
            # Not the year asked for: a panel that is aged further later is the same panel.
            last_year=published.last_year,
            law=_law(request, baseline),
            baseline=baseline,
            published=published,
            scenario=scenario,
            size=request.persons,
            seed=request.seed,
        )
        reform = reform_of(request)
        if reform is not None:
            plan = replace(plan, taxed=reform.taxed(baseline))
    except ValueError as error:
        raise PanelError(f"{request.target} of release {base.release}: {error}") from error
    return Panel(
        root / "panels" / request.target,
        base.tables,
        plan,
        Steps(begin, age_one_year),
        said={
            "target": request.target,
            "release": base.release,
            "is_synthetic": base.is_synthetic,
            "persons": request.persons,
            "scenario": _named(request.scenario),
            "reform": _named(request.reform),
            "seed": request.seed,
        },
    )


@lru_cache(maxsize=1)
def base_of(target: str, root: Path) -> Base:
    """Read what a panel begins with, once for a reform and its baseline; see `read_base`."""
    return read_base(target, {"person": NEEDED}, root)


def _scenario(request: Request, first: int) -> tuple[Scenario, YearlySeries]:
    known = get_args(Scenario)
    if request.scenario in known:
        return request.scenario, {}  # type: ignore[return-value]  # one of them, as just seen
    path = Path(request.scenario)
    if not path.is_file():
        raise AssumptionError(
            f"there is no scenario {request.scenario!r}: give one of {', '.join(known)}, or a CSV "
            "file of yearly assumptions"
        )
    return _UNDER, read_assumptions(path, first, request.to)


def _tables() -> dict[str, Table]:
    """Return the tables of the law and of what is published, by name."""
    published = {
        name: read_packaged("steelyard.panel", f"params_{name}") for name in PUBLISHED_TABLES
    }
    return {name: packaged_table(name) for name in LAW_TABLES} | published


def reform_of(request: Request) -> Reform | None:
    """Read the change of the law that is asked for.

    Raises
    ------
    PanelError
        If it cannot be read, or says what it cannot mean.
    """
    if request.reform is None:
        return None
    path = Path(request.reform)
    try:
        return Reform.from_yaml(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PanelError(f"{path}: {error}") from error


def _law(request: Request, baseline: Parameters) -> Parameters:
    reform = reform_of(request)
    try:
        return baseline if reform is None else reform.law(baseline)
    except ValueError as error:
        raise PanelError(f"{request.reform}: {error}") from error


def _named(named: str | None) -> str | None:
    """Name a file by its content, too: it may change and keep its name."""
    if named is None or not Path(named).is_file():
        return named
    return f"{Path(named).name} {sha256(Path(named))[:10]}"
