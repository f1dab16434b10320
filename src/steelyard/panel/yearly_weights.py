"""Weights of a year: calibrated to its published totals, near those of the year before."""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.oasdi import NEVER
from steelyard.panel.events.arrivals import ADULT
from steelyard.panel.events.disability import at_full_age
from steelyard.panel.groups import COUNT, PER_SEX, group_of, in_groups, name_of
from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.plan import Plan
from steelyard.panel.population import MARITAL_STATES, SINGLE, Log, Persons

#: A child's mother may be a child, too.
_GENERATIONS = 2
#: Groups whose marital states are not weighed to: under 20.
_TOO_YOUNG = [sex * PER_SEX + band for sex in range(2) for band in range(4)]
_BOUNDS = (0.2, 5.0)
#: Residents are met whatever it costs; a stock that is followed, but not known, counts little.
EXACT, FOLLOWED, _LITTLE = "population", "retired_workers", 0.1
#: How much of its base weight a weight finds back to each year, in logs.
_BACK = 0.1


@dataclass
class _Rows:
    """Targets as they are gathered: what each person counts, and what is wanted."""

    persons: list[Ints] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    wanted: list[float] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: tuple[str, str], who: Ints, value: Floats, wanted: float) -> None:
        if who.size and wanted > 0:
            self.persons.append(who)
            self.values.append(np.broadcast_to(value, who.shape).astype(np.float64))
            self.wanted.append(wanted)
            self.names.append(name)


def units(persons: Persons, year: int) -> Ints:
    """Return who shares a weight: couples, single adults, and children under 18 with a parent.

    A unit's number is the lowest `person_id` of its adults; children whose mother is not in the
    panel are units of their own.
    """
    spouse = np.where(persons.spouse_id >= 0, persons.spouse_id, persons.person_id)
    unit = np.minimum(persons.person_id, spouse)
    young = (persons.age(year) < ADULT) & (persons.marital == SINGLE)
    child = np.flatnonzero(young & (persons.mother_id >= 0))
    mother = persons.rows_of(persons.mother_id[child])
    child, mother = child[mother >= 0], mother[mother >= 0]
    for _ in range(_GENERATIONS):
        unit[child] = unit[mother]
    return np.asarray(unit)


def weigh(persons: Persons, year: int, plan: Plan, log: Log) -> None:
    """Set units and weights of a year; `persons` changes in place.

    Totals are residents by sex, five years of age and, from 16 on, marital state; covered workers
    by sex and age; their taxable payroll; retired and disabled workers. Weights begin at those of
    the year before, a tenth of the way back to the base weight, and are equal within a unit.
    """
    persons.unit_id = units(persons, year)
    _, unit = np.unique(persons.unit_id, return_inverse=True)
    size = np.bincount(unit)
    begin = np.exp(
        np.bincount(unit, (1 - _BACK) * np.log(persons.weight)) / size
        + np.bincount(unit, _BACK * np.log(persons.base_weight)) / size
    )
    rows = _targets(persons, year, plan)
    lengths = [len(each) for each in rows.persons]
    matrix = sparse.csr_array(
        (
            np.concatenate(rows.values),
            (np.repeat(np.arange(len(lengths)), lengths), unit[np.concatenate(rows.persons)]),
        ),
        shape=(len(lengths), len(size)),
    )
    config = CalibrationConfig(
        solver="dual", bounds=_BOUNDS, distance_weight=plan.smoothness, tolerance=1e-6
    )
    events = np.array([event for event, _ in rows.names])
    answer = calibrate(
        matrix,
        np.array(rows.wanted),
        begin,
        config,
        loss_weight=np.where(events == FOLLOWED, _LITTLE, 1.0),
        exact=events == EXACT,
    )
    persons.weight = answer.weights[unit]
    for name, wanted, got in zip(rows.names, rows.wanted, answer.estimates, strict=True):
        log.add(name[0], name[1], wanted, float(got))


def _targets(persons: Persons, year: int, plan: Plan) -> _Rows:
    rows = _Rows()
    age, one = persons.age(year), np.ones(1)
    group = group_of(persons.is_female, age)
    residents = plan.population(year)
    _by_group(rows, "population", group, in_groups(residents.sum(axis=2)))
    for state, name in enumerate(MARITAL_STATES):
        number = in_groups(residents[:, :, state])
        number[_TOO_YOUNG] = 0.0
        _by_group(rows, name, group, number, persons.marital == state)
    _by_group(rows, "covered_workers", group, in_groups(plan.workers_by_age(year)), persons.worked)
    base = float(plan.baseline.contribution_base.at(year))
    workers = np.flatnonzero(persons.worked)
    taxable = np.minimum(persons.earnings[workers], base)
    rows.add(("taxable_payroll", "all"), workers, taxable, plan.taxable_payroll(year))
    december = year * 12 + 11
    disabled = persons.is_disabled(december) & ~at_full_age(persons, december, plan)
    rows.add(
        ("disabled_workers", "all"),
        np.flatnonzero(disabled),
        one,
        plan.disabled_workers(year),
    )
    retired = np.flatnonzero(is_retired(persons, december, plan))
    rows.add(("retired_workers", "all"), retired, one, plan.retired_workers(year))
    return rows


def is_retired(persons: Persons, month: int, plan: Plan) -> Bools:
    """Tell who is a retired worker: claimed, or disabled until full retirement age."""
    claimed = (persons.claim_month <= month) & (persons.claim_month < NEVER)
    converted = persons.is_disabled(month) & at_full_age(persons, month, plan)
    return np.asarray(claimed | converted)


def _by_group(
    rows: _Rows, event: str, group: Ints, wanted: Floats, who: Bools | None = None
) -> None:
    chosen = np.arange(len(group)) if who is None else np.flatnonzero(who)
    order = chosen[np.argsort(group[chosen], kind="stable")]
    bounds = np.searchsorted(group[order], np.arange(COUNT + 1))
    for at in range(COUNT):
        mine = order[bounds[at] : bounds[at + 1]]
        rows.add((event, name_of(at)), mine, np.ones(1), float(wanted[at]))
