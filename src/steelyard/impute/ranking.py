"""The conditional distribution of one target given the predictors: its quantiles and ranks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.frame import stream
from steelyard.impute.copula import Copula
from steelyard.impute.dependence import Interval, between_matrix, correlation_matrix
from steelyard.impute.donors import Donors
from steelyard.impute.fitting import Block
from steelyard.impute.spec import ModelSpec
from steelyard.impute.stages import DonorStage, Features, Floats, Positions

# More donors than this make a correlation no better known than it needs to be (s.e. 0.013).
COPULA_DONORS = 6000


def quantiles_of(
    block: Block,
    donors: Donors,
    target: str,
    wide: Features,
    probabilities: Floats,
    own: Positions | None = None,
) -> Floats:
    """Return quantiles of an amount, (n, n_probabilities); zeros where it is a logical zero.

    Parameters
    ----------
    block, donors, target
        What the target is drawn from.
    wide
        Shape (n, n_predictors).
    probabilities
        Shape (1, n_probabilities) or (n, n_probabilities), in [0, 1].
    own
        Shape (n,): which donor a record is; see `Stage`.
    """
    found = np.zeros((len(wide), probabilities.shape[1]))
    rows = active(block, wide)
    if rows.size:
        wanted = probabilities if len(probabilities) == 1 else probabilities[rows]
        theirs = None if own is None else own[rows]
        found[rows] = block.stage.quantiles(wide[rows], donors.amounts(target), wanted, theirs)
    return found


def intervals_of(
    block: Block,
    donors: Donors,
    target: str,
    wide: Features,
    observed: Floats,
    own: Positions | None = None,
) -> Interval:
    """Return F(y-) and F(y) at observed values, (n,) each; a logical zero has all mass at 0."""
    low, high = (observed > 0).astype(np.float64), (observed >= 0).astype(np.float64)
    rows = active(block, wide)
    if rows.size:
        theirs = None if own is None else own[rows]
        low[rows], high[rows] = block.stage.intervals(
            wide[rows], donors.amounts(target), observed[rows], theirs
        )
    return low, high


def shares_of(
    block: Block,
    donors: Donors,
    target: str,
    wide: Features,
    own: Positions | None = None,
) -> Floats:
    """Return the probability of each class of a category, (n, n_classes)."""
    labels, stage = donors.labels[target], block.stage
    if not isinstance(stage, DonorStage):
        raise TypeError(f"{target!r} is no category")
    found = np.zeros((len(wide), len(labels)))
    rows = active(block, wide)
    if len(rows) < len(wide):
        found[:, labels == 0] = 1.0
    if rows.size:
        theirs = None if own is None else own[rows]
        found[rows] = stage.shares(wide[rows], donors.codes[target], len(labels), theirs)
    return found


def active(block: Block, wide: Features) -> Positions:
    """Return the rows whose targets are no logical zeros."""
    if block.condition is None:
        return np.arange(len(wide))
    return np.flatnonzero(wide[:, block.condition])


def fit_dependence(
    spec: ModelSpec,
    donors: Donors,
    blocks: tuple[Block, ...],
    partners: Positions | None = None,
) -> Copula:
    """Fit the copula of the targets' out-of-bag ranks, and that between partners.

    Parameters
    ----------
    spec, donors, blocks
        A model in copula mode.
    partners
        Shape (n_donors,): position of each donor's partner, -1 for none.

    Notes
    -----
    Of more than `COPULA_DONORS` donors, and of more than half as many pairs, a random part is
    looked at.
    """
    count = len(donors.rows)
    single = _some(np.arange(count), COPULA_DONORS, spec, "donors")
    first = np.empty(0, dtype=np.int64)
    if partners is not None:
        first = _some(
            np.flatnonzero(partners > np.arange(count)), COPULA_DONORS // 2, spec, "pairs"
        )
    second = first if partners is None else partners[first]
    looked_at = np.unique(np.concatenate([single, first, second]))
    intervals = [_out_of_bag(block, donors, looked_at) for block in blocks]

    def at(rows: Positions) -> list[Interval]:
        place = np.searchsorted(looked_at, rows)
        return [(low[place], high[place]) for low, high in intervals]

    correlation = correlation_matrix(at(single), donors.weights[single])
    between = None
    if partners is not None:
        weights = (donors.weights[first] + donors.weights[second]) / 2
        between = between_matrix(correlation, at(first), at(second), weights)
    return Copula(tuple(block.name for block in blocks), correlation, between)


def _some(rows: Positions, most: int, spec: ModelSpec, name: str) -> Positions:
    if len(rows) <= most:
        return rows
    chosen = stream(spec.config.seed, spec.name, "copula", name).permutation(len(rows))[:most]
    return rows[np.sort(chosen)]


def _out_of_bag(block: Block, donors: Donors, rows: Positions) -> Interval:
    """Return the ranks of some donors, NaN where none is to be had."""
    low, high = np.full((2, len(rows)), np.nan)
    able = block.stage.has_out_of_bag(rows)
    if block.condition is not None:
        able &= donors.features[rows, block.condition] != 0
    if able.any():
        mine = rows[able]
        low[able], high[able] = block.stage.intervals(
            donors.features[mine],
            donors.amounts(block.name),
            donors.amounts(block.name)[mine],
            mine,
        )
    return low, high


def partner_positions(ids: NDArray[Any], role: str) -> Positions:
    """Return the position of the other record with the same id, -1 where there is none.

    Parameters
    ----------
    ids
        Shape (n,): the pair of each record; an id that occurs once is nobody's partner.
    role
        How messages call the table.

    Raises
    ------
    ValueError
        If more than two records share an id.
    """
    _, inverse, counts = np.unique(ids, return_inverse=True, return_counts=True)
    crowded = np.flatnonzero(counts[inverse] > 2)
    if crowded.size:
        raise ValueError(
            f"{role}: {crowded.size} rows share their pair with more than one other (first: "
            f"{ids[crowded[:3]].tolist()}); a pair is two"
        )
    order = np.argsort(inverse, kind="stable")
    paired = order[counts[inverse[order]] == 2].reshape(-1, 2)
    found = np.full(len(ids), -1, dtype=np.int64)
    found[paired[:, 0]], found[paired[:, 1]] = paired[:, 1], paired[:, 0]
    return found
