"""From a weighed cross-section to persons of one weight: who the panel begins with."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.oasdi import NEVER
from steelyard.panel.draws import Draws
from steelyard.panel.groups import OLDEST, group_of, in_groups, name_of
from steelyard.panel.histories.tables import education_codes
from steelyard.panel.lives import Floats, Ints
from steelyard.panel.plan import Plan
from steelyard.panel.population import (
    BASE,
    DIVORCED,
    MARRIED,
    NOBODY,
    SINGLE,
    WIDOWED,
    Log,
    Persons,
)

#: What a build must carry for its persons to be aged.
NEEDED = (
    "person_id", "household_id", "age", "is_female", "education", "marital_status",
    "spouse_person_id", "parent1_person_id", "parent2_person_id", "employment_income",
    "self_employment_income", "social_security_disability", "social_security_retirement",
    "calibrated_weight",
)  # fmt: skip
#: Of them those that may be null for everybody.
MAY_BE_EMPTY = ("parent2_person_id",)
_STATES = {
    "married_present": MARRIED, "married_absent": MARRIED, "separated": MARRIED,
    "widowed": WIDOWED, "divorced": DIVORCED, "never": SINGLE,
}  # fmt: skip
_TOPCODES = (80, 85)


class UnfitBuild(ValueError):
    """A build's persons lack what ageing needs."""


def refuse_unfit(persons: pa.Table) -> None:
    """Refuse persons that lack columns, or whose columns say nothing.

    Raises
    ------
    UnfitBuild
        Names the columns and why they are needed.
    """
    absent = [name for name in NEEDED if name not in persons.column_names]
    empty = [
        name
        for name in NEEDED
        if name not in (*absent, *MAY_BE_EMPTY) and persons[name].null_count == persons.num_rows
    ]
    if absent or empty:
        lacks = [f"{name} (not there)" for name in absent] + [
            f"{name} (null for everybody)" for name in empty
        ]
        raise UnfitBuild(
            f"this build cannot be aged: persons have no {', '.join(lacks)}; lives are drawn by "
            "sex, schooling, family and work. Age a build of a survey that asks for them, such as "
            "demo or us_2022"
        )


def persons_of(released: pa.Table, plan: Plan, draws: Draws, log: Log) -> tuple[Persons, pa.Table]:
    """Return persons of one weight, and the release's row of each.

    Households are weighed to the residents of the Social Security area by sex, age and marital
    state, and drawn as often as their weight asks for: by systematic sampling in random order, so
    that each stands as often as its weight over the panel's, to the next whole number.

    Parameters
    ----------
    released
        Persons of a release with the columns `NEEDED`.
    """
    refuse_unfit(released)
    household, inverse = np.unique(
        released["household_id"].to_numpy(zero_copy_only=False), return_inverse=True
    )
    age = _ages(released, plan, draws)
    state = _states(released, age)
    female = released["is_female"].to_numpy(zero_copy_only=False).astype(np.bool_)
    weight = np.zeros(len(household))
    weight[inverse] = released["calibrated_weight"].to_numpy()
    weight = _to_residents(weight, inverse, (female, age, state), plan, log)
    wanted = plan.persons or released.num_rows
    each = float(plan.population(plan.base_year).sum()) / wanted
    order = draws.stream("base").permutation(len(household))
    upto = np.cumsum(weight[order]) / each
    copies = np.zeros(len(household), np.int64)
    copies[order] = np.diff(np.floor(upto + draws.stream("base start").random()), prepend=0)
    rows, copy = _rows(inverse, copies)
    persons = _begin(released, rows, (female, age, state), each, plan, draws)
    _tie(persons, released, rows, copy)
    return persons, released.take(rows)


def _ages(released: pa.Table, plan: Plan, draws: Draws) -> Ints:
    """Return ages; those that a survey cuts are spread as residents of those ages are."""
    age = released["age"].to_numpy(zero_copy_only=False).astype(np.int64)
    residents = plan.population(plan.base_year).sum(axis=(0, 2))
    number = draws.of("age", released["person_id"].to_numpy(zero_copy_only=False))
    for lower, upper in zip(_TOPCODES, (_TOPCODES[1], OLDEST + 1), strict=True):
        rows = np.flatnonzero((age >= lower) & (age < upper))
        if rows.size and np.unique(age[rows]).size == 1:
            upto = np.cumsum(residents[lower:upper])
            age[rows] = lower + np.searchsorted(upto / upto[-1], number[rows], side="right")
    return np.asarray(np.minimum(age, OLDEST))


def _states(released: pa.Table, age: Ints) -> Ints:
    said = released["marital_status"].to_pylist()
    state = np.array([_STATES.get(each, SINGLE) for each in said], np.int64)
    return np.where(age < 16, SINGLE, state)


def _to_residents(
    weight: Floats,
    household: NDArray[Any],
    traits: tuple[NDArray[np.bool_], Ints, Ints],
    plan: Plan,
    log: Log,
) -> Floats:
    """Weigh households to residents by sex and five years of age, and by sex and state."""
    female, age, state = traits
    residents = plan.population(plan.base_year)
    by_group = in_groups(residents.sum(axis=2))
    adults = np.stack([in_groups(residents[:, :, each]) for each in range(4)], axis=1).ravel()
    group = group_of(female, age)
    cell = group * 4 + state
    grown = np.flatnonzero(age >= 20)
    there = np.bincount(group, weight[household], minlength=len(by_group))
    for at in np.flatnonzero(by_group):
        log.add("universe", name_of(at), by_group[at], there[at])
    every = np.arange(len(household))
    row = np.concatenate([group[every], len(by_group) + cell[grown]])
    column = household[np.concatenate([every, grown])]
    wanted = np.concatenate([by_group, adults])
    matrix = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(wanted), len(weight)))
    matrix.sum_duplicates()
    used = np.flatnonzero((matrix.sum(axis=1) > 0) & (wanted > 0))
    begin = weight * residents.sum() / weight[household].sum()
    config = CalibrationConfig(solver="dual", distance_weight=0.01, tolerance=1e-6)
    return np.asarray(calibrate(matrix[used], wanted[used], begin, config).weights)


def _rows(household: NDArray[Any], copies: Ints) -> tuple[Ints, Ints]:
    """Return rows of the release, household by household and copy by copy, and whose copy."""
    times = copies[household]
    rows = np.repeat(np.arange(len(household)), times)
    number = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    order = np.lexsort((rows, number, household[rows]))
    return rows[order], number[order]


def _begin(
    released: pa.Table,
    rows: Ints,
    traits: tuple[NDArray[np.bool_], Ints, Ints],
    each: float,
    plan: Plan,
    draws: Draws,
) -> Persons:
    female, age, state = traits
    count, ids = len(rows), np.arange(1, len(rows) + 1)
    month = (draws.of("birth month", ids) * 12).astype(np.int64)
    number = {
        name: np.nan_to_num(released[name].to_numpy(zero_copy_only=False).astype(np.float64))
        for name in ("employment_income", "self_employment_income")
    }
    earned = np.maximum(sum(number.values()), 0.0)[rows]
    source = released["person_id"].to_numpy(zero_copy_only=False)
    columns: dict[str, Any] = {name: 0 for name in Persons.TYPES} | {
        "person_id": ids,
        "source_person_id": source[rows] if source.dtype.kind in "iu" else rows,
        "birth_month": (plan.base_year - age[rows]) * 12 + month,
        "is_female": female[rows],
        "education": education_codes(released["education"])[rows],
        "marital": state[rows],
        "spouse_id": NOBODY,
        "mother_id": NOBODY,
        "entry_year": plan.base_year,
        "entered_as": BASE,
        "rank": np.nan,
        "earnings": earned,
        "base_weight": each,
        "weight": each,
    }
    columns |= dict.fromkeys(
        ("claim_month", "widow_claim_month", "onset_month", "recovery_month"), NEVER
    )
    return Persons(
        **{
            name: np.broadcast_to(np.asarray(columns[name]), (count,)).astype(kind)
            for name, kind in Persons.TYPES.items()
        }
    )


def _tie(persons: Persons, released: pa.Table, rows: Ints, copy: Ints) -> None:
    """Point to spouses and mothers of the same copy of the household."""
    key = released["person_id"].to_numpy(zero_copy_only=False)
    place = {each: at for at, each in enumerate(key.tolist())}
    there = {pair: at for at, pair in enumerate(zip(rows.tolist(), copy.tolist(), strict=True))}

    def find(name: str) -> Ints:
        said = released[name].to_pylist()
        return np.array(
            [
                there.get((place.get(said[row], NOBODY), number), NOBODY)
                for row, number in zip(rows.tolist(), copy.tolist(), strict=True)
            ]
        )

    spouse = find("spouse_person_id")
    mutual = (spouse >= 0) & (spouse[np.maximum(spouse, 0)] == np.arange(len(rows)))
    mutual &= (persons.marital == MARRIED) & (persons.marital[np.maximum(spouse, 0)] == MARRIED)
    persons.spouse_id = np.where(mutual, persons.person_id[np.maximum(spouse, 0)], NOBODY)
    parents = [find("parent1_person_id"), find("parent2_person_id")]
    for parent in parents:
        mother = (parent >= 0) & persons.is_female[np.maximum(parent, 0)]
        persons.mother_id[mother] = persons.person_id[parent[mother]]
    mothers = persons.rows_of(persons.mother_id[persons.mother_id >= 0])
    born = np.bincount(mothers, minlength=len(persons))
    persons.children_born = born.astype(np.int16)
