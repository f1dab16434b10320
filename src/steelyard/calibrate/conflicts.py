"""Which targets fight each other, found from their shadow prices, in words to act on.

A target pulls on households: its multiplier times its row. Two sets of targets fight where they
pull the same households in opposite directions. With y the multipliers and H = R diag(F'/ω) R',

    tension = -y_A' H_AB y_B,    overlap = -y_A' H_AB y_B / √(y_A' H_AA y_A · y_B' H_BB y_B).

The tightest pairs are then asked what each side would gain if the other left: the price of a fight
is the larger gain, in units of the loss.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from steelyard.calibrate.config import Mask, Vector
from steelyard.calibrate.nearby import Neighbourhood

#: Pairs that are asked what they would gain, the tightest first, for each fight returned.
_ASKED = 4


class Side(NamedTuple):
    """One side of a fight: targets of one name that pull in one direction.

    ``error`` is their mean absolute relative error, weighted by the loss, and ``error_alone`` what
    it would be, to first order, if the other side were dropped. ``targets`` are row numbers, the
    strongest pull first.
    """

    name: str
    direction: str
    targets: tuple[int, ...]
    error: float
    error_alone: float

    def __str__(self) -> str:
        count = "1 target" if len(self.targets) == 1 else f"{len(self.targets)} targets"
        return f"{self.name} ({count}, off by {_percent(self.error)})"


class Conflict(NamedTuple):
    """A fight: its two sides, the price of it, and on how many records it is fought."""

    first: Side
    second: Side
    price: float
    overlap: float
    households: int

    @property
    def sentence(self) -> str:
        """What an analyst should know."""
        return (
            f"{self.first} pulls {self.first.direction} and {self.second} pulls "
            f"{self.second.direction} on the same {self.households:,} records. Without the second, "
            f"the first would be off by {_percent(self.first.error_alone)}; without the first, the "
            f"second by {_percent(self.second.error_alone)}."
        )


def find_conflicts(
    near: Neighbourhood,
    names: Sequence[str],
    *,
    most: int = 20,
    overlap_at_least: float = 0.1,
    error_at_least: float = 0.01,
) -> list[Conflict]:
    """Return the fights among fitted targets, the one with the highest price first.

    Parameters
    ----------
    near
        The solved problem.
    names
        (n_targets,): targets of one name are one set, split by the direction of their pull.
    most
        How many fights to return.
    overlap_at_least
        Cosine below which two pulls are hardly on the same households.
    error_at_least
        A side that is nearer than this to its targets has nothing to complain of. A fight needs
        two that are not, and one at least that the other's leaving would help.
    """
    rows = np.flatnonzero(near.fitted)
    sides = _sides(near, np.array(names, dtype=object)[rows], error_at_least)
    found: list[tuple[float, int, int, float]] = []
    without: dict[int, Vector] = {}
    for overlap, one, two in _tightest(near, sides, overlap_at_least)[: _ASKED * most]:
        for side in (one, two):
            if side not in without:
                without[side] = near.errors_without(sides[side][1])
        price = max(
            _gain(near, sides[one][1], without[two]), _gain(near, sides[two][1], without[one])
        )
        if price > 0:
            found.append((price, one, two, overlap))
    # Ties stay in the order of their tension.
    worst = sorted(found, key=lambda fight: -fight[0])[:most]
    return [
        Conflict(
            _side(near, sides[one], rows, without[two]),
            _side(near, sides[two], rows, without[one]),
            price=price,
            overlap=overlap,
            households=_shared(near, sides[one][1], sides[two][1]),
        )
        for price, one, two, overlap in worst
    ]


def _tightest(
    near: Neighbourhood, sides: list[tuple[str, Mask]], overlap_at_least: float
) -> list[tuple[float, int, int]]:
    """Return overlap and places of the pairs that pull against each other, the tightest first."""
    if not sides:
        return []
    pulls = np.stack([np.where(members, near.multipliers, 0.0) for _, members in sides], axis=1)
    gram = pulls.T @ near.hessian @ pulls
    size = np.sqrt(np.diag(gram))
    fights = [
        (-gram[one, two], one, two)
        for one, two in combinations(range(len(sides)), 2)
        if -gram[one, two] >= overlap_at_least * size[one] * size[two] > 0
    ]
    return [
        (float(tension / (size[one] * size[two])), one, two)
        for tension, one, two in sorted(fights, reverse=True)
    ]


def _gain(near: Neighbourhood, members: Mask, moved: Vector) -> float:
    """Loss that a side would be rid of."""
    before, after = np.square(near.errors[members]), np.square(moved[members])
    return float(near.shares[members] @ (before - after))


def _sides(
    near: Neighbourhood, of: NDArray[np.object_], error_at_least: float
) -> list[tuple[str, Mask]]:
    candidates = [
        (name, (of == name) & (np.sign(near.multipliers) == sign))
        for name in sorted(set(of))
        for sign in (1, -1)
    ]
    return [
        (name, members)
        for name, members in candidates
        if members.any() and _error(near, members, near.errors) >= error_at_least
    ]


def _side(
    near: Neighbourhood, side: tuple[str, Mask], rows: NDArray[np.intp], moved: Vector
) -> Side:
    name, members = side
    places = np.flatnonzero(members)
    pull = np.abs(near.multipliers[places]) * np.sqrt(np.diag(near.hessian)[places])
    return Side(
        name=name,
        direction="up" if near.multipliers[places[0]] > 0 else "down",
        targets=tuple(rows[places[np.argsort(-pull, kind="stable")]].tolist()),
        error=_error(near, members, near.errors),
        error_alone=_error(near, members, moved),
    )


def _error(near: Neighbourhood, members: Mask, errors: Vector) -> float:
    return float(np.average(np.abs(errors[members]), weights=near.shares[members]))


def _shared(near: Neighbourhood, one: Mask, two: Mask) -> int:
    """Households on which both sides bear."""
    touched = near.problem.fitted.contributions.astype(bool) @ np.stack([one, two], axis=1)
    return int(np.sum(touched.all(axis=1)))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 10 else f"{share:,.0f} times"
