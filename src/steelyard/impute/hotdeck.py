"""Hot decks: a recipient takes over the whole answer of one donor that is like it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from steelyard.impute.evaluation import mid_ranks, rank_correlation, weighted_quantile
from steelyard.impute.interface import DonorTable, as_numbers, like_recipient
from steelyard.impute.tables import Table, unique_keys
from steelyard.impute.uniforms import keyed_uniforms


@dataclass(frozen=True)
class Pools:
    """For each recipient a pool of donors, from which one is drawn by weight.

    Parameters
    ----------
    order
        int64 of shape (n_entries,): donors, pool after pool.
    starts
        int64 of shape (n_pools + 1,): where each pool begins in `order`.
    pool_of
        int64 of shape (n_recipients,): the pool of each recipient.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    pool_of: NDArray[np.int64]

    def draw(
        self, weights: NDArray[np.float64], uniforms: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return one donor a recipient, drawn within its pool in proportion to weight."""
        cumulated = np.concatenate([[0.0], np.cumsum(weights[self.order])])
        first, last = self.starts[self.pool_of], self.starts[self.pool_of + 1] - 1
        low, high = cumulated[first], cumulated[last + 1]
        places = np.searchsorted(cumulated, low + uniforms * (high - low), side="right") - 1
        chosen: NDArray[np.int64] = self.order[np.clip(places, first, last)]
        return chosen

    def quantiles(
        self,
        values: NDArray[np.float64],
        weights: NDArray[np.float64],
        probabilities: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return weighted quantiles of the donors in each recipient's pool."""
        found = np.full((len(self.starts) - 1, len(probabilities)), np.nan)
        for pool in np.unique(self.pool_of):
            members = self.order[self.starts[pool] : self.starts[pool + 1]]
            found[pool] = weighted_quantile(values[members], weights[members], probabilities)
        return found[self.pool_of]


@dataclass(frozen=True)
class FittedDeck:
    """A hot deck over donors; made by `Unconditional`, `CellHotDeck` and `NearestHotDeck`."""

    settings: "Unconditional | CellHotDeck | NearestHotDeck"
    donors: DonorTable
    scale: Any

    def draw(self, recipient: Table, *, seed: int, key: str | ArrayLike | None = None) -> Any:
        """Draw all targets of a recipient from one donor; see `steelyard.impute.Fitted.draw`."""
        ids = unique_keys(recipient, key)
        uniforms = keyed_uniforms(seed, (self.settings.name, "draw"), ids)
        chosen = self._pools(recipient).draw(self.donors.weights, uniforms)
        return like_recipient(self.donors.values.iloc[chosen].reset_index(drop=True), recipient)

    def quantiles(
        self, recipient: Table, probabilities: ArrayLike
    ) -> dict[str, NDArray[np.float64]]:
        """Return quantiles of each target; see `steelyard.impute.Fitted.quantiles`."""
        pools, wanted = self._pools(recipient), np.asarray(probabilities, dtype=np.float64)
        return {
            target: pools.quantiles(self.donors.column(target), self.donors.weights, wanted)
            for target in self.donors.targets
        }

    def _pools(self, recipient: Table) -> Pools:
        known = as_numbers(recipient, self.donors.predictors, "recipient")
        return self.settings.pools(self.donors, self.scale, known)


@dataclass(frozen=True)
class Unconditional:
    """Draw any donor by weight, whatever the predictors say: the reference of every skill."""

    name: str = "unconditional"

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedDeck:
        """Keep the donors; predictors are not looked at."""
        del predictors
        return FittedDeck(self, DonorTable.of(donor, (), targets, weight), None)

    def pools(self, donors: DonorTable, scale: None, known: NDArray[np.float64]) -> Pools:
        """Return one pool of all donors."""
        del scale
        everybody = np.arange(len(donors.weights))
        return Pools(everybody, np.array([0, len(everybody)]), np.zeros(len(known), dtype=np.int64))


@dataclass(frozen=True)
class CellHotDeck:
    """Draw a donor by weight within the recipient's cell.

    Cells are crossed bins of the predictors. A predictor with at most `bins` values among the
    donors has a bin a value; another is cut at its weighted quantiles, and equal cuts (a mass
    point) are one. Where a cell holds fewer than `least` donors, the predictor that says least
    is given up, then the next, until it does; without predictors all donors are one cell. What a
    predictor says is its mean absolute weighted rank correlation with the targets; of equals the
    one named first says more.

    Parameters
    ----------
    bins
        Bins of a predictor, at most.
    least
        Donors that a cell must hold, whatever their weights.
    name
        Part of the random stream.
    """

    bins: int = 5
    least: int = 10
    name: str = "hot_deck"

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedDeck:
        """Order the predictors and cut them into bins."""
        donors = DonorTable.of(donor, predictors, targets, weight)
        told = np.concatenate([donors.known, donors.values.to_numpy(np.float64)], axis=1)
        count = len(donors.predictors)
        strength = np.abs(rank_correlation(told, donors.weights)[:count, count:]).mean(axis=1)
        order = np.argsort(-strength, kind="stable")
        edges = [self._edges(column, donors.weights) for column in donors.known.T[order]]
        return FittedDeck(self, donors, (order, edges))

    def _edges(
        self, column: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the greatest value of each bin but the last."""
        present = np.unique(column)
        if len(present) > self.bins:
            inner = np.arange(1, self.bins) / self.bins
            present = np.append(np.unique(weighted_quantile(column, weights, inner)), np.inf)
        return present[:-1]

    def pools(self, donors: DonorTable, scale: Any, known: NDArray[np.float64]) -> Pools:
        """Return the cells, collapsed where they are thin."""
        order, edges_of = scale
        both = np.concatenate([donors.known, known])[:, order]
        count = len(donors.known)
        codes = np.zeros(len(both), dtype=np.int64)
        pool_of = np.zeros(len(known), dtype=np.int64)
        orders, sizes = [np.arange(count)], [np.array([count])]
        passed = 1
        for edges, column in zip(edges_of, both.T, strict=True):
            bins = np.searchsorted(edges, column, side="left")
            _, codes = np.unique(codes * (len(edges) + 1) + bins, return_inverse=True)
            size = np.bincount(codes[:count], minlength=int(codes.max()) + 1)
            is_full = size[codes[count:]] >= self.least
            pool_of[is_full] = codes[count:][is_full] + passed
            orders.append(np.argsort(codes[:count], kind="stable"))
            sizes.append(size)
            passed += len(size)
        starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
        return Pools(np.concatenate(orders), starts, pool_of)


@dataclass(frozen=True)
class NearestHotDeck:
    """Draw a donor by weight among the recipient's nearest.

    Near in Euclidean distance between predictors, each as its weighted mid-rank among the
    donors over the ranks' standard deviation, so that a code and an amount count alike. A value
    that no donor has gets the rank between its neighbours.

    Parameters
    ----------
    nearest
        Donors to draw from.
    name
        Part of the random stream.
    """

    nearest: int = 10
    name: str = "nearest"

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedDeck:
        """Rank the predictors and grow a search tree."""
        donors = DonorTable.of(donor, predictors, targets, weight)
        scales = [_rank_scale(column, donors.weights) for column in donors.known.T]
        return FittedDeck(self, donors, (scales, KDTree(_ranked(donors.known, scales))))

    def pools(self, donors: DonorTable, scale: Any, known: NDArray[np.float64]) -> Pools:
        """Return a pool for each recipient."""
        scales, tree = scale
        count = min(self.nearest, len(donors.weights))
        _, near = tree.query(_ranked(known, scales), k=np.arange(1, count + 1))
        starts = np.arange(0, near.size + 1, count)
        return Pools(near.ravel().astype(np.int64), starts, np.arange(len(known)))


def _rank_scale(
    column: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distinct values of a predictor and what each counts as."""
    values, place = np.unique(column, return_index=True)
    ranks = mid_ranks(column, weights)
    spread = ranks.std()
    return values, ranks[place] / (spread if spread > 0 else 1.0)


def _ranked(
    known: NDArray[np.float64], scales: list[tuple[NDArray[np.float64], NDArray[np.float64]]]
) -> NDArray[np.float64]:
    columns = [np.interp(column, *scale) for column, scale in zip(known.T, scales, strict=True)]
    return np.stack(columns, axis=1)
