"""The earnings test of a year, for everybody in a panel who is paid in its December."""

from dataclasses import dataclass

import numpy as np

from steelyard.oasdi import Benefits, Parameters, People, Ties, after_earnings_test, earnings_test
from steelyard.oasdi.dates import month, year_of
from steelyard.panel.lives import Floats, Ints


@dataclass(frozen=True, eq=False)
class Withheld:
    """What a year's earnings take.

    Parameters
    ----------
    dollars
        (n,) dollars of the year taken from own and family benefits.
    months
        (n,) months in which any own benefit was; they come off the reduction later.
    """

    dollars: Floats
    months: Ints


def withheld(
    people: People, ties: Ties, paid: Benefits, earnings: Floats, year: int, law: Parameters
) -> Withheld:
    """Return what the earnings test of `year` takes from benefits that are those of its December.

    Earnings are taken as spread evenly over the year, so that in the year of attaining full
    retirement age those before it count, and as ending with a claim to the own benefit: the months
    left of that year are paid whatever was earned in it (the grace year, 20 CFR 404.435), unless
    the claim is of January. Disability benefits bear no test.

    Parameters
    ----------
    people, ties, paid
        (n,) persons, (m,) claims, and the engine's benefits of December.
    earnings
        (n,) dollars of the year.
    """
    born, first = people.months("birth"), int(month(year))
    until = np.clip(born + law.full_retirement_age(year_of(born)) - first, 0, 12)
    own_since = np.clip(people.months("claim") - first, 0, 12)
    tie_since = np.clip(ties.column("claim") - first, 0, 12)
    person, worker = ties.column("person"), ties.column("worker")
    draws = paid.own > 0
    since = np.where(draws, own_since, _earliest(person, tie_since, paid.auxiliary, len(born)))
    span = np.maximum(until - since, 0)
    of_grace = draws & (own_since > 0)
    tested = (span > 0) & ~of_grace & ~paid.records.is_disabled & ~paid.records.is_dead
    year_of_age = until < 12
    counted = earnings * np.where(year_of_age, until / 12, 1.0)
    excess = earnings_test(
        np.zeros(len(born)), counted, year=year, attains_fra=year_of_age, parameters=law
    ).excess
    excess = np.where(tested, excess / np.maximum(span, 1), 0.0)
    own_left, family_left = after_earnings_test(paid, ties, excess, months=1)
    own_taken = (np.floor(paid.own) - own_left) * span
    by_worker = draws[worker] & (excess[worker] > 0)
    months = np.where(by_worker, np.minimum(span[worker], 12 - tie_since), span[person])
    family_taken = (np.floor(paid.auxiliary) - family_left) * months
    of_family = np.bincount(person, family_taken, len(born))
    touched = np.ceil(own_taken / np.maximum(np.floor(paid.own), 1.0) - 1e-9)
    return Withheld(np.round(own_taken + of_family, 2), np.minimum(touched, span).astype(np.int64))


def _earliest(person: Ints, since: Ints, paid: Floats, size: int) -> Ints:
    """Return since which month of the year each person has a family benefit, 12 for none, (n,)."""
    earliest = np.full(size, 12)
    rows = np.flatnonzero(paid > 0)
    np.minimum.at(earliest, person[rows], since[rows])
    return earliest
