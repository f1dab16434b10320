"""Draw a chunk of recipients: block after block, made feasible before the next block sees it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from steelyard.impute.constraints import add_up, bounded, bounds, missed
from steelyard.impute.donors import Donors
from steelyard.impute.fitting import Block
from steelyard.impute.ranking import active, quantiles_of
from steelyard.impute.spec import ModelSpec, Target
from steelyard.impute.stages import NOBODY, Features, Floats, Positions

Values = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Chunk:
    """Some recipients.

    Parameters
    ----------
    known
        float32 of shape (n, n_predictors).
    referred
        Shape (n,) each: the columns of recipients that caps and totals refer to.
    uniforms
        For each stream of names shape (n,): the recipients' own numbers.
    start
        Row of the first of them in the recipients' table.
    """

    known: Features
    referred: Mapping[str, Floats]
    uniforms: Callable[..., Floats]
    start: int = 0


@dataclass(frozen=True)
class Draft:
    """What has been drawn so far for a chunk, and where later forests look for it.

    Parameters
    ----------
    spec, donors, chunk
        What is drawn, from whom, for whom.
    targets
        Names of the targets that are drawn, in any order.
    wide
        float32 of shape (n, n_predictors + n_targets); zeros where nothing is drawn yet.
    values
        Shape (n,) each, inside their constraints.
    """

    spec: ModelSpec
    donors: Donors
    chunk: Chunk
    targets: Sequence[str]
    wide: Features
    values: Values = field(default_factory=dict)

    @classmethod
    def begin(
        cls, spec: ModelSpec, donors: Donors, chunk: Chunk, targets: Sequence[str]
    ) -> "Draft":
        """Begin with the predictors alone."""
        wide = np.zeros((len(chunk.known), len(donors.columns)), dtype=np.float32)
        wide[:, : len(spec.predictors)] = chunk.known
        return cls(spec, donors, chunk, targets, wide)

    def put(self, target: Target, given: NDArray[np.generic]) -> None:
        """Take a target's values, (n,), inside its bounds; logical zeros come last."""
        limits = bounds(target, self.chunk.referred, len(given), "recipient")
        inside = bounded(given, *limits)
        if target.only_if is not None:
            inside = np.where(self.column(target.only_if) == 0, np.zeros(1, inside.dtype), inside)
        self._keep(target, inside)
        if target.total is not None:
            drawn = [one for one in self._components(target.total) if one.name in self.targets]
            if all(one.name in self.values for one in drawn):
                self._reconcile(target.total, drawn)

    def column(self, name: str) -> NDArray[np.generic]:
        """Return a predictor or a target that is drawn, as exact as it is known, (n,)."""
        if name in self.values:
            return self.values[name]
        if name in self.chunk.referred:
            return self.chunk.referred[name]
        return self.chunk.known[:, self.spec.predictors.index(name)]

    def _keep(self, target: Target, values: NDArray[np.generic]) -> None:
        self.values[target.name] = values
        place = self.donors.columns.index(target.name)
        if target.kind == "category":
            self.wide[:, place] = self.donors.class_features(target.name, values)
        else:
            self.wide[:, place] = values

    def _components(self, total: str) -> list[Target]:
        return [target for target in self.spec.in_order if target.total == total]

    def _reconcile(self, total: str, targets: list[Target]) -> None:
        """Make components sum to their total.

        Where every component is zero and the total is not, shares are those of one more donor,
        drawn by weight among donors whose components sum to something of the same sign.

        Raises
        ------
        ValueError
            If bounds and logical zeros leave no way to reach a record's total.
        """
        aim = np.asarray(self.column(total), dtype=np.float64)
        parts = np.stack([self.values[one.name].astype(np.float64) for one in targets], axis=1)
        limits = [bounds(one, self.chunk.referred, len(aim), "recipient") for one in targets]
        least, most = (np.stack(side, axis=1) for side in zip(*limits, strict=True))
        for place, target in enumerate(targets):
            if target.only_if is not None:
                is_zero = self.column(target.only_if) == 0
                least[is_zero, place] = most[is_zero, place] = 0.0
        empty = np.flatnonzero((parts == 0).all(axis=1) & (aim != 0))
        if empty.size:
            uniforms = self.chunk.uniforms(total, "shares")[empty]
            shares = _shares(self.donors, targets, aim[empty], uniforms)
            parts[empty] = shares * aim[empty, None]
        parts = add_up(parts, aim, least, most)
        wrong = missed(parts, aim)
        if wrong.size:
            raise ValueError(
                f"recipient: bounds and logical zeros of {[one.name for one in targets]} leave no "
                f"way to sum to {total!r} in {wrong.size} of {len(aim)} rows (first rows: "
                f"{(wrong[:3] + self.chunk.start).tolist()}, totals {aim[wrong[:3]].tolist()}); "
                "widen them, or draw the total under the same conditions"
            )
        for place, target in enumerate(targets):
            self._keep(target, parts[:, place])


def by_donor(
    spec: ModelSpec, donors: Donors, blocks: tuple[Block, ...], chunk: Chunk
) -> tuple[Values, Positions]:
    """Draw each block from a donor, given the predictors and what is drawn already.

    Returns
    -------
    values, donors
        For each target shape (n,), and positions of donors, (n, n_targets), `NOBODY` for none.
    """
    count = len(chunk.known)
    draft = Draft.begin(spec, donors, chunk, spec.names)
    found = np.full((count, len(spec.names)), NOBODY, dtype=np.int64)
    for block in blocks:
        drawn = np.full(count, NOBODY, dtype=np.int64)
        rows = active(block, draft.wide)
        if rows.size:
            here = draft.wide if rows.size == count else draft.wide[rows]
            drawn[rows] = block.stage.draw(here, _at(chunk, block.name, rows))
        for target in block.targets:
            given = donors.values[target.name][drawn]
            if rows.size < count or target.is_hurdle:
                given[drawn == NOBODY] = 0
            draft.put(target, given)
            found[:, spec.names.index(target.name)] = drawn
    return draft.values, found


def by_rank(
    spec: ModelSpec,
    donors: Donors,
    blocks: Sequence[Block],
    chunk: Chunk,
    ranks: Mapping[str, Floats],
) -> Values:
    """Return the value of each target at a rank of its distribution given the predictors.

    Parameters
    ----------
    spec, donors, chunk
        As in `by_donor`.
    blocks
        Blocks of one target each, given the predictors alone, in drawing order.
    ranks
        For each of them shape (n,), in [0, 1].
    """
    draft = Draft.begin(spec, donors, chunk, tuple(ranks))
    for block in blocks:
        (target,) = block.targets
        at = ranks[target.name][:, None]
        found = quantiles_of(block, donors, target.name, draft.wide, at)[:, 0]
        draft.put(target, found.astype(donors.values[target.name].dtype))
    return draft.values


def _at(chunk: Chunk, block: str, rows: Positions) -> Callable[..., Floats]:
    return lambda *names: chunk.uniforms(block, *names)[rows]


def _shares(donors: Donors, targets: list[Target], aim: Floats, uniforms: Floats) -> Floats:
    """Return shares of a total, (n, n_components), each of one donor drawn by weight."""
    parts = np.stack([donors.amounts(target.name) for target in targets], axis=1)
    sums = parts.sum(axis=1)
    found = np.full((len(aim), len(targets)), 1 / len(targets))
    for sign in (-1, 1):
        rows, able = np.flatnonzero(np.sign(aim) == sign), np.flatnonzero(np.sign(sums) == sign)
        if rows.size and able.size:
            cumulated = np.cumsum(donors.weights[able])
            place = np.searchsorted(cumulated, uniforms[rows] * cumulated[-1], side="right")
            chosen = able[np.minimum(place, len(able) - 1)]
            found[rows] = parts[chosen] / sums[chosen, None]
    return found
