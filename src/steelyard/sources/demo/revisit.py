"""The same households a year later or earlier: who is still there, and what became of them.

Persons keep who they are (origin, schooling, earning power) and are a year older or younger;
work, incomes and health are drawn again, correlated with those of the other year. Children not
yet born are absent, and some of the young who are free to come and go.
"""

from dataclasses import dataclass

import numpy as np

from steelyard.sources.demo import kin
from steelyard.sources.demo.draws import Bools, Columns, Draws, Echo, Ints
from steelyard.sources.demo.population import Population, live
from steelyard.sources.demo.traits import another_year

# Correlation of a person's ranks from one year to the next. Earnings of those who work in both
# years correlate at about 0.8 in the CPS; luck, hours and heaping add noise of their own.
MEMORY = 0.9
# Of the young who can leave a household, the share that comes or goes in a year.
MOBILITY = 0.15
MOBILE_AGES = (18, 31)
HOUSEHOLDER_AGE = 18
LASTING = (
    "household", "role", "age", "female", "parent1", "parent2", "spouse", "partner", "family",
    "unit", "line", "school_rank", "race", "hispanic", "citizen", "birthplace", "entry",
    "marital", "schooling",
)  # fmt: skip
OF_THE_HOUSEHOLD = ("state", "age", "female", "union", "same_sex", "quarters", "listed")
TIES = ("parent1", "parent2", "spouse", "partner", "family", "unit")


@dataclass(frozen=True)
class Revisited:
    """Households met in two years.

    Parameters
    ----------
    world
        What they are in the other year.
    household, person
        Their positions in the sample that they were drawn in.
    """

    world: Population
    household: Ints
    person: Ints


def can_be_met(world: Population, years: int) -> Bools:
    """Whether households (n,) exist with the same householder `years` away."""
    age = world.home["age"] + years
    return np.asarray((age >= HOUSEHOLDER_AGE) & ~world.home["quarters"])


def revisit(draws: Draws, other: Draws, world: Population, chosen: Ints, years: int) -> Revisited:
    """Meet households again.

    Parameters
    ----------
    draws
        Of the year to be drawn.
    other
        Those that `world` was drawn with.
    world
        The sample that the households were drawn in.
    chosen
        (n,) positions of the households met again, rising.
    years
        One for the year after, minus one for the year before.
    """
    member = np.isin(world.person["household"], chosen)
    here = np.flatnonzero(member & ~_absent(draws, world.person, years))
    home = {name: world.home[name][chosen] for name in OF_THE_HOUSEHOLD}
    home["age"] = home["age"] + years
    person = _members(world.person, chosen, here)
    person["age"] = person["age"] + years
    start = np.searchsorted(person["household"], np.arange(len(chosen)))
    person["sequence"] = kin.sequence_numbers(person, start)
    echo = Echo(
        draws.seed,
        draws.sample,
        other,
        {
            len(here): (len(world.person["age"]), here),
            len(chosen): (len(world.home["age"]), chosen),
        },
        MEMORY,
    )
    person |= another_year(echo, person, years)
    return Revisited(live(echo, home, person), chosen, here)


def _absent(draws: Draws, person: Columns, years: int) -> Bools:
    """Whether persons (n,) are not there `years` away: not yet born, or somewhere else."""
    count = len(person["age"])
    needed = np.zeros(count, dtype=bool)
    for tie in TIES:
        to = person[tie]
        others = (to >= 0) & (to != np.arange(count))
        needed[to[others]] = True
    young = (person["age"] >= MOBILE_AGES[0]) & (person["age"] < MOBILE_AGES[1])
    free = young & ~needed & (person["spouse"] < 0) & (person["role"] != kin.HEAD)
    moves = free & (draws.uniform(count, "comes or goes") < MOBILITY)
    return np.asarray(moves | (person["age"] + years < 0))


def _members(person: Columns, chosen: Ints, here: Ints) -> Columns:
    """Take persons out of their sample, and point their ties at their new positions."""
    place = np.full(len(person["age"]), -1, dtype=np.int64)
    place[here] = np.arange(len(here))
    found = {name: person[name][here] for name in LASTING}
    found["household"] = np.searchsorted(chosen, found["household"])
    for tie in TIES:
        to = found[tie]
        found[tie] = np.where(to >= 0, place[to], -1)
    # A parent whose only child is not there is no subfamily.
    index = np.arange(len(here))
    alone = np.bincount(found["family"], minlength=len(here))[found["family"]] == 1
    kind = np.isin(found["role"], kin.RELATED) & (found["role"] != kin.HEAD)
    head = np.searchsorted(found["household"], found["household"])
    found["family"] = np.where(alone & kind & (found["family"] == index), head, found["family"])
    return found
