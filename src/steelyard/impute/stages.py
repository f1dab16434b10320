"""What one block of targets is drawn from: donors, or a sign first and donors of that sign."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from steelyard.impute.distribution import conditional_intervals, weighted_quantiles
from steelyard.impute.forest import LeafForest

Floats = NDArray[np.float64]
Features = NDArray[np.float32]
# Donors by position among those kept; -1 where a recipient is none of them, or a value nobody's.
Positions = NDArray[np.int64]
# Gives the uniform numbers of a stream below the block's own.
Uniforms = Callable[..., Floats]

NOBODY = -1
NEGATIVE, ZERO, POSITIVE = 0, 1, 2
# A zero share that lies beyond odds of e^30 is certain.
FARTHEST_SHIFT = 30.0


class Stage(Protocol):
    """Draws of a block, and the distribution of its amounts."""

    def draw(self, wide: Features, uniforms: Uniforms) -> Positions:
        """Draw a donor for each recipient, -1 for a zero that is nobody's."""

    def quantiles(
        self, wide: Features, values: Floats, probabilities: Floats, own: Positions | None = None
    ) -> Floats:
        """Return quantiles of donors' values, (n_recipients, n_probabilities)."""

    def intervals(
        self, wide: Features, values: Floats, observed: Floats, own: Positions | None = None
    ) -> tuple[Floats, Floats]:
        """Return F(y-) and F(y) at recipients' values y, (n_recipients,) each."""

    def has_out_of_bag(self, donors: Positions) -> NDArray[np.bool_]:
        """Return whether there is an out-of-bag answer for each of the donors."""


@dataclass(frozen=True)
class DonorStage:
    """A forest whose donors bring their values along.

    Parameters
    ----------
    rows
        Shape (n_used,), ascending: the donors used, by position among all donors kept.
    forest
        A forest over the donors used.
    """

    rows: Positions
    forest: LeafForest

    def draw(self, wide: Features, uniforms: Uniforms) -> Positions:
        """Draw a donor for each recipient; see `Stage`."""
        return self.rows[self.forest.draw(wide, uniforms())]

    def quantiles(
        self, wide: Features, values: Floats, probabilities: Floats, own: Positions | None = None
    ) -> Floats:
        """Return quantiles; see `Stage`."""
        used, parts = values[self.rows], []
        for rows, near in self.forest.neighbours(wide, own=self._inside(own)):
            wanted = probabilities if len(probabilities) == 1 else probabilities[rows]
            parts.append(weighted_quantiles(near, used, wanted))
        return np.concatenate(parts)

    def intervals(
        self, wide: Features, values: Floats, observed: Floats, own: Positions | None = None
    ) -> tuple[Floats, Floats]:
        """Return intervals; see `Stage`."""
        used = values[self.rows]
        parts = [
            conditional_intervals(near, used, observed[rows])
            for rows, near in self.forest.neighbours(wide, own=self._inside(own))
        ]
        low, high = (np.concatenate(side) for side in zip(*parts, strict=True))
        return low, high

    def shares(
        self,
        wide: Features,
        codes: NDArray[np.int64],
        classes: int,
        own: Positions | None = None,
    ) -> Floats:
        """Return the probability of each class, (n_recipients, classes), given codes of donors."""
        return self.forest.class_shares(wide, codes[self.rows], classes, own=self._inside(own))

    def has_out_of_bag(self, donors: Positions) -> NDArray[np.bool_]:
        """Return whether each donor has an out-of-bag answer; donors not used always have."""
        place = self._place(donors)
        return np.asarray((place < 0) | self.forest.has_out_of_bag()[place], dtype=np.bool_)

    def _inside(self, own: Positions | None) -> Positions | None:
        """Return positions among the donors used, -1 for others."""
        return None if own is None else self._place(own)

    def _place(self, own: Positions) -> Positions:
        place = np.minimum(np.searchsorted(self.rows, own), len(self.rows) - 1)
        return np.where(self.rows[place] == own, place, -1)


@dataclass(frozen=True)
class HurdleStage:
    """A class forest for the sign, then a forest of donors on each side of zero.

    Parameters
    ----------
    signs
        The class forest.
    codes
        Shape (n_donors,): `NEGATIVE`, `ZERO` or `POSITIVE`, of all donors kept.
    shift
        Added to the logit of a zero, so that zeros predicted out of bag have the donors' share.
    negative, positive
        Forests of the donors on either side; None where there is none.
    """

    signs: DonorStage
    codes: NDArray[np.int64]
    shift: float
    negative: DonorStage | None
    positive: DonorStage | None

    def probabilities(self, wide: Features, own: Positions | None = None) -> Floats:
        """Return the probabilities of negative, zero and positive, (n_recipients, 3)."""
        return shifted(self.signs.shares(wide, self.codes, 3, own), self.shift)

    def draw(self, wide: Features, uniforms: Uniforms) -> Positions:
        """Draw a sign, then a donor of that sign; see `Stage`."""
        share = self.probabilities(wide)
        sign = (uniforms("sign")[:, None] >= np.cumsum(share, axis=1)[:, :2]).sum(axis=1)
        # Rounding in the sum must not draw a sign that has no probability.
        impossible = np.take_along_axis(share, sign[:, None], axis=1)[:, 0] == 0
        sign[impossible] = share[impossible].argmax(axis=1)
        drawn = np.full(len(wide), NOBODY, dtype=np.int64)
        within = uniforms()
        for code, stage in ((NEGATIVE, self.negative), (POSITIVE, self.positive)):
            rows = np.flatnonzero(sign == code)
            if stage is not None and rows.size:
                drawn[rows] = stage.rows[stage.forest.draw(wide[rows], within[rows])]
        return drawn

    def quantiles(
        self, wide: Features, values: Floats, probabilities: Floats, own: Positions | None = None
    ) -> Floats:
        """Return quantiles of the mixture; see `Stage`."""
        share = self.probabilities(wide, own)
        asked = np.broadcast_to(probabilities, (len(wide), probabilities.shape[1]))
        below, up_to = share[:, [NEGATIVE]], 1 - share[:, [POSITIVE]]
        found = np.zeros(asked.shape)
        for code, stage, start, wanted in (
            (NEGATIVE, self.negative, np.zeros_like(below), asked <= below),
            (POSITIVE, self.positive, up_to, asked > up_to),
        ):
            rows = np.flatnonzero(wanted.any(axis=1) & (share[:, code] > 0))
            if stage is None or not rows.size:
                continue
            inner = np.clip((asked - start)[rows] / share[rows][:, [code]], 0.0, 1.0)
            theirs = None if own is None else own[rows]
            found[rows] = np.where(
                wanted[rows], stage.quantiles(wide[rows], values, inner, theirs), found[rows]
            )
        return found

    def intervals(
        self, wide: Features, values: Floats, observed: Floats, own: Positions | None = None
    ) -> tuple[Floats, Floats]:
        """Return intervals of the mixture; see `Stage`."""
        share = self.probabilities(wide, own)
        sign = signs_of(observed)
        start = np.take_along_axis(
            np.stack([np.zeros(len(share)), share[:, 0], 1 - share[:, 2]], axis=1),
            sign[:, None],
            axis=1,
        )[:, 0]
        width = np.take_along_axis(share, sign[:, None], axis=1)[:, 0]
        low, high = np.zeros(len(share)), np.ones(len(share))
        for code, stage in ((NEGATIVE, self.negative), (POSITIVE, self.positive)):
            rows = np.flatnonzero(sign == code)
            if stage is not None and rows.size:
                theirs = None if own is None else own[rows]
                low[rows], high[rows] = stage.intervals(wide[rows], values, observed[rows], theirs)
        return start + width * low, start + width * high

    def has_out_of_bag(self, donors: Positions) -> NDArray[np.bool_]:
        """Return whether sign and amount of each donor have an out-of-bag answer."""
        found = self.signs.has_out_of_bag(donors)
        for stage in (self.negative, self.positive):
            if stage is not None:
                found &= stage.has_out_of_bag(donors)
        return found


def signs_of(values: Floats) -> NDArray[np.int64]:
    """Return `NEGATIVE`, `ZERO` or `POSITIVE` for each value."""
    return np.asarray(np.sign(values) + 1, dtype=np.int64)


def shifted(shares: Floats, shift: float) -> Floats:
    """Return sign probabilities with the logit of zero moved by a constant.

    The other two keep their proportion; what is certain stays certain.

    Parameters
    ----------
    shares
        Shape (n, 3): probabilities of negative, zero, positive.
    shift
        Added to the logit of the middle one.
    """
    zero = shares[:, ZERO]
    moved = expit(logit(zero) + shift)
    left = np.divide(1 - moved, 1 - zero, out=np.zeros_like(zero), where=zero < 1)
    result = shares * left[:, None]
    result[:, ZERO] = moved
    return np.asarray(result, dtype=np.float64)


def zero_shift(shares: Floats, weights: Floats, zero_share: float) -> float:
    """Return the shift at which the weighted mean probability of zero is a given share.

    Parameters
    ----------
    shares
        Shape (n_donors, 3): out-of-bag probabilities of negative, zero, positive.
    weights
        Shape (n_donors,).
    zero_share
        The donors' weighted share of zeros.

    Returns
    -------
    0.0 where no shift reaches the share, because every zero is certain either way.
    """

    def excess(shift: float) -> float:
        return float(np.average(shifted(shares, shift)[:, ZERO], weights=weights)) - zero_share

    low, high = excess(-FARTHEST_SHIFT), excess(FARTHEST_SHIFT)
    if not low < 0 < high:
        return 0.0
    return float(brentq(excess, -FARTHEST_SHIFT, FARTHEST_SHIFT, xtol=1e-10))
