"""Marital status, schooling, origin, disability and health of every person."""

import numpy as np
from scipy.special import ndtr, ndtri

from steelyard.sources.demo.anchors import by_age, column, shares, table
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints, pick
from steelyard.sources.demo.kin import CHILD, HEAD, OTHER, QUARTERED, SIBLING

SPOUSE_SCHOOLING = 0.6
PARENT_SCHOOLING = 0.4
# Countries of birth outside the United States, most frequent first (PENATVTY).
BIRTHPLACES = (303, 210, 207, 233, 247, 312, 301, 242, 217, 332)


def traits(draws: Draws, person: Columns) -> Columns:
    """Draw what a person is, given who lives with whom.

    Parameters
    ----------
    person
        Members in household order, as `kin.people` returns them.

    Returns
    -------
    dict of arrays of shape (n_persons,)
        marital (A_MARITL), school_rank (standard normal, correlated between spouses and from
        parents to children), schooling (A_HGA), race (PRDTRACE), hispanic (PRDTHSP), citizen
        (PRCITSHP), birthplace (PENATVTY), entry (PEINUSYR), enrolled, full_time_student,
        college, disabled (n, 6), armed_forces.
    """
    count = len(person["age"])
    origin = _origin(draws, person)
    rank = _school_rank(draws, person) + column("schooling_by_origin", "shift")[_group(origin)]
    marital = _marital(draws, person)
    student = _student(draws, person, rank, marital)
    found: Columns = {"school_rank": rank, "marital": marital} | student
    found["schooling"] = _schooling(person["age"], rank, student["enrolled"])
    found |= origin
    difficulty = draws.normal(count, "disability") - 0.35 * rank
    found["disabled"] = _disabled(draws, person["age"], difficulty)
    return found


def another_year(draws: Draws, person: Columns, years: int) -> Columns:
    """Draw the traits that change from year to year, for persons met `years` apart.

    Parameters
    ----------
    person
        Members with their traits of the other year, and their ages of this.
    years
        One if this year is after the other, minus one if before.

    Returns
    -------
    dict of arrays of shape (n_persons,)
        marital, schooling, enrolled, full_time_student, college, disabled.
    """
    age, rank = person["age"], person["school_rank"]
    marital = np.where(age < 20, np.where(person["spouse"] >= 0, 1, 7), person["marital"])
    student = _student(draws, person, rank, marital)
    then, now = person["schooling"], _schooling(age, rank, student["enrolled"])
    reached = np.maximum(then, now) if years > 0 else np.minimum(then, now)
    # Nobody is asked under 15, so nothing is known of them to hold on to.
    schooling = np.where((then == 0) | (now == 0), now, reached)
    difficulty = draws.normal(len(age), "disability") - 0.35 * rank
    return student | {
        "marital": marital,
        "schooling": schooling,
        "disabled": _disabled(draws, age, difficulty),
    }


def _school_rank(draws: Draws, person: Columns) -> Floats:
    """Correlated normal ranks: from the first parent, else from the spouse's side."""
    own = draws.normal(len(person["age"]), "school rank")
    rank = own.copy()
    for tie, strength in (("spouse", SPOUSE_SCHOOLING), ("partner", SPOUSE_SCHOOLING)):
        later = np.flatnonzero((person[tie] >= 0) & (person[tie] < np.arange(len(own))))
        rank[later] = strength * rank[person[tie][later]] + np.sqrt(1 - strength**2) * own[later]
    child = np.flatnonzero((person["parent1"] >= 0) & (person["role"] != HEAD))
    rank[child] = (
        PARENT_SCHOOLING * rank[person["parent1"][child]]
        + np.sqrt(1 - PARENT_SCHOOLING**2) * own[child]
    )
    return rank


def _marital(draws: Draws, person: Columns) -> Ints:
    """A_MARITL: 1 spouse present, 3 absent, 4 widowed, 5 divorced, 6 separated, 7 never."""
    age = person["age"]
    shares = [
        by_age("unmarried", "never", age),
        by_age("unmarried", "divorced", age),
        by_age("unmarried", "widowed", age) * np.where(person["female"], 1.2, 0.6),
        by_age("unmarried", "absent", age),
        by_age("unmarried", "separated", age),
    ]
    codes = np.array([7, 5, 4, 3, 6])
    status = np.where(age < 20, 7, codes[draws.pick(np.column_stack(shares), "marital")])
    return np.where(person["spouse"] >= 0, 1, status)


def _student(draws: Draws, person: Columns, rank: Floats, marital: Ints) -> Columns:
    """Enrolment last week: school to 18, college by rank to 24 and seldom after."""
    age = person["age"]
    college = np.clip(0.47 + 0.22 * rank - 0.05 * np.maximum(age - 21, 0), 0.0, 0.95)
    chance = np.select(
        [age < 16, age < 18, age == 18, age < 25, age < 35],
        [np.zeros(len(age)), np.full(len(age), 0.95), 0.7 + 0.05 * rank, college, 0.08 + 0 * rank],
        0.015,
    )
    chance = np.where(age == 15, 0.98, np.where(marital == 1, 0.3 * chance, chance))
    enrolled = draws.chance(chance, "enrolled") | ((person["role"] == QUARTERED) & (age < 24))
    full_time = draws.chance(np.where(age < 25, 0.9, 0.45), "full-time student")
    return {
        "enrolled": enrolled,
        "full_time_student": enrolled & full_time,
        "college": enrolled & (age >= 18) & ~((age == 18) & (rank < 0.2)),
    }


def _schooling(age: Ints, rank: Floats, enrolled: Bools) -> Ints:
    """A_HGA by the rank's place in the age band's published distribution."""
    distribution, codes = shares("education", "A_HGA")
    row = np.maximum(
        np.searchsorted(table("education")["age_lower"].to_numpy(), age, side="right") - 1, 0
    )
    level = codes[pick(distribution[row], np.minimum(ndtr(rank), 1 - 1e-12))]
    most = np.select(
        [age < 15, age < 16, age < 17, age < 18, age < 19, age < 21, age < 22, age < 24],
        [0, 34, 35, 36, 39, 40, 42, 43],
        46,
    )
    return np.where(age < 15, 0, np.where(enrolled & (age >= 19) & (age < 22), 40, level)).clip(
        max=most
    )


def _origin(draws: Draws, person: Columns) -> Columns:
    """Race, Hispanic origin and birthplace run in families; one couple in nine is mixed."""
    count = len(person["age"])
    root = _ancestor(person)
    age = person["age"][root]
    hispanic_chance = by_age("origins", "hispanic", age)
    distribution, codes = shares("origins", "PRDTRACE")
    row = np.searchsorted(table("origins")["age_lower"].to_numpy(), age, side="right") - 1
    lucky = draws.uniform(count, "hispanic")
    shade = draws.uniform(count, "race")
    hispanic = lucky[root] < hispanic_chance
    race_shares = np.where(
        hispanic[:, None], np.array([0.88, 0.045, 0.03, 0.012, 0.003, 0.02, 0.01]), 0.0
    )
    race = codes[pick(np.where(hispanic[:, None], race_shares, distribution[row]), shade[root])]
    kind = np.array([1, 2, 3, 4, 5, 6, 7, 8])
    which = pick(
        np.tile([0.60, 0.09, 0.04, 0.035, 0.09, 0.07, 0.05, 0.025], (count, 1)),
        draws.uniform(count, "hispanic group")[root],
    )
    group = kind[which]
    chance = np.select([race == 4, hispanic], [0.64, 0.46], 0.065)
    chance = np.where(person["age"] < 18, 0.2 * chance, chance)
    foreign = draws.chance(chance, "foreign born")
    naturalised = draws.chance(np.clip(0.2 + 0.008 * person["age"], 0, 0.8), "naturalised")
    place = np.array(BIRTHPLACES)[
        np.floor(draws.uniform(count, "birthplace") ** 1.5 * len(BIRTHPLACES)).astype(np.int64)
    ]
    arrival = 27 - np.floor(draws.uniform(count, "entry") * np.minimum(person["age"] / 3 + 1, 26))
    return {
        "race": race,
        "hispanic": np.where(hispanic, group, 0),
        "citizen": np.where(foreign, np.where(naturalised, 4, 5), 1),
        "birthplace": np.where(foreign, place, 57),
        "entry": np.where(foreign, arrival, 0).astype(np.int64),
    }


def _group(origin: Columns) -> Ints:
    """Return the row of the schooling_by_origin anchor for each person (n,)."""
    race = origin["race"]
    return np.select([origin["hispanic"] > 0, race == 1, race == 2, race == 4], [2, 0, 1, 3], 4)


def _ancestor(person: Columns) -> Ints:
    """Return whose origin a person shares: most of a family have the householder's."""
    index = np.arange(len(person["age"]))
    head = np.searchsorted(person["household"], person["household"])
    kin = np.isin(person["role"], (CHILD, SIBLING, OTHER))
    mixed = (person["household"] % 9 == 4) & ~kin
    tied = (person["spouse"] >= 0) | (person["partner"] >= 0) | kin | (person["parent1"] >= 0)
    return np.where(tied & ~mixed, head, index)


def _disabled(draws: Draws, age: Ints, difficulty: Floats) -> Bools:
    """Six yes/no difficulties (n, 6): ears, eyes, remembering, walking, dressing, errands."""
    any_share = np.where(age < 15, 0.0, by_age("work", "disability", age))
    hit = difficulty / np.hypot(1.0, 0.35) > ndtri(1.0 - np.clip(any_share, 1e-9, 1.0))
    hit &= age >= 15
    uniform = np.column_stack([draws.uniform(len(age), f"difficulty {k}") for k in range(6)])
    chance = np.array([0.28, 0.17, 0.36, 0.50, 0.17, 0.36])
    flags = (uniform < chance) & hit[:, None]
    # Somebody who has a difficulty has at least one of the six.
    flags[:, 3] |= hit & ~flags.any(axis=1)
    return np.asarray(flags, dtype=bool)
