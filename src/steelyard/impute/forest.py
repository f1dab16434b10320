"""Trees with every donor hung back on its leaf, and exact draws from what hangs there.

Notation: T trees; d_i the weight of donor i; L_t(x) the leaf of tree t that x falls into, with
donor weight D_t(x). The conditional distribution is

    F(y | x) = sum_i w_i(x) d_i 1{y_i <= y},   w_i(x) = mean over t of 1{i in L_t(x)} / D_t(x),

the forest of Meinshausen (2006) with the donors' weights in the leaves; sum_i w_i(x) d_i = 1.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.tree import DecisionTreeRegressor

from steelyard.frame import stream
from steelyard.impute.config import ImputeConfig

# A quantile is reached when F is there up to rounding.
ROUNDING = 1e-12
# Bytes a recipient needs for each donor in its leaves: column, weight, cumulated, compared.
BYTES_PER_NEIGHBOUR = 40


@dataclass(frozen=True)
class LeafForest:
    """A grown forest over n_donors donors.

    Parameters
    ----------
    trees
        The T fitted scikit-learn trees; only their structure is used.
    order
        int32 of shape (T, n_donors): donors, leaf after leaf.
    starts
        For each tree, int64 of shape (n_nodes + 1,): where each node's donors begin in `order`.
    in_sample
        bool of shape (T, n_donors): the tree was grown on the donor.
    weights
        Shape (n_donors,): donor weights, all positive.
    memory_mib
        Working memory of `neighbours`.
    """

    trees: tuple[Any, ...]
    order: NDArray[np.int32]
    starts: tuple[NDArray[np.int64], ...]
    in_sample: NDArray[np.bool_]
    weights: NDArray[np.float64]
    memory_mib: int

    @classmethod
    def grow(
        cls,
        features: NDArray[np.float32],
        scores: NDArray[np.float64],
        weights: NDArray[np.float64],
        config: ImputeConfig,
        *names: str,
    ) -> "LeafForest":
        """Grow trees that split donors so that scores differ between leaves.

        Each tree sees a random `sample_share` of the donors, unweighted; then all donors are
        hung on its leaves, so that a leaf holds donors that did not choose it, and the weighted
        marginal distribution of the donors is reproduced tree by tree.

        Parameters
        ----------
        features
            Shape (n_donors, n_predictors).
        scores
            Shape (n_donors, n_outcomes): targets on scales where squared error is fair.
        weights
            Shape (n_donors,), positive.
        *names
            What the forest is for: part of its random stream.
        """
        count = len(features)
        sample_size = max(1, round(config.sample_share * count))
        by_score = np.argsort(scores[:, 0], kind="stable").astype(np.int32)

        def one(number: int) -> tuple[Any, NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
            rng = stream(config.seed, config.name, "grow", *names, number)
            sample = np.sort(rng.permutation(count)[:sample_size])
            grown = DecisionTreeRegressor(
                min_samples_leaf=config.min_leaf,
                max_features=config.feature_share,
                random_state=int(rng.integers(2**31)),
            ).fit(features[sample], scores[sample], check_input=False)
            tree = grown.tree_
            leaves = tree.apply(features)[by_score]
            order = by_score[np.argsort(leaves.astype(_smallest(tree.node_count)), kind="stable")]
            sizes = np.bincount(leaves, minlength=tree.node_count)
            in_sample = np.zeros(count, dtype=np.bool_)
            in_sample[sample] = True
            return tree, order, np.concatenate([[0], np.cumsum(sizes)]), in_sample

        with ThreadPoolExecutor(config.n_jobs) as pool:
            trees, orders, starts, samples = zip(*pool.map(one, range(config.trees)), strict=True)
        return cls(trees, np.stack(orders), starts, np.stack(samples), weights, config.memory_mib)

    def draw(
        self, features: NDArray[np.float32], uniforms: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Draw one donor for each recipient, exactly from F(. | x).

        F is the even mixture over trees of the weighted distribution in the leaf. So the whole
        part of ``uniform * T`` picks the tree and the fraction, itself uniform and independent
        of it, picks the donor in the leaf by weight, in ascending order of the first score.
        Only one tree is walked for a recipient: the cost does not grow with T.

        Parameters
        ----------
        features
            Shape (n_recipients, n_predictors or more).
        uniforms
            Shape (n_recipients,), in [0, 1).

        Returns
        -------
        int64 of shape (n_recipients,): positions of donors.
        """
        count = len(self.trees)
        scaled = uniforms * count
        chosen = np.minimum(scaled.astype(np.int64), count - 1)
        within = scaled - chosen
        donors = np.empty(len(features), dtype=np.int64)
        rows_of_tree = np.split(
            np.argsort(chosen, kind="stable"), np.cumsum(np.bincount(chosen, minlength=count))[:-1]
        )
        for tree, order, starts, rows in zip(
            self.trees, self.order, self.starts, rows_of_tree, strict=True
        ):
            leaves = tree.apply(features[rows])
            cumulated = np.concatenate([[0.0], np.cumsum(self.weights[order])])
            first, last = starts[leaves], starts[leaves + 1] - 1
            low, high = cumulated[first], cumulated[last + 1]
            wanted = low + within[rows] * (high - low)
            places = np.searchsorted(cumulated, wanted, side="right") - 1
            donors[rows] = order[np.clip(places, first, last)]
        return donors

    def neighbours(
        self, features: NDArray[np.float32], *, out_of_bag: bool = False
    ) -> Iterator[tuple[slice, sparse.csr_array]]:
        """Yield, chunk by chunk, the weights that F(. | x) puts on donors.

        Parameters
        ----------
        features
            Shape (n_recipients, n_predictors or more).
        out_of_bag
            The recipients are the donors themselves: use only trees not grown on the donor and
            take the donor off its own leaves.

        Yields
        ------
        rows, weights
            A slice of recipients, and a sparse array of shape (rows, n_donors) with rows that
            sum to 1. What a recipient gets does not depend on the chunk it came in.

        Raises
        ------
        ValueError
            If a donor was in the sample of every tree and `out_of_bag` is asked.
        """
        donors = self._donors_of_leaves()
        nodes = np.cumsum([0, *(tree.node_count for tree in self.trees)])
        used = ~self.in_sample if out_of_bag else None
        if used is not None and not used.any(axis=0).all():
            raise ValueError(
                f"out of bag: {np.count_nonzero(~used.any(axis=0))} of {used.shape[1]} donors were "
                "in the sample of every tree; grow more trees or lower sample_share"
            )
        per_leaf = donors.nnz / np.count_nonzero(np.diff(donors.indptr))
        per_recipient = len(self.trees) * per_leaf * BYTES_PER_NEIGHBOUR
        step = max(1, int(self.memory_mib * 2**20 / per_recipient))
        for start in range(0, len(features), step):
            rows = slice(start, min(start + step, len(features)))
            leaves = np.stack(
                [
                    tree.apply(features[rows]) + node
                    for tree, node in zip(self.trees, nodes[:-1], strict=True)
                ],
                axis=1,
            )
            walked = np.ones(leaves.shape, np.bool_) if used is None else used[:, rows].T
            pointer = np.concatenate([[0], np.cumsum(walked.sum(axis=1))])
            visits = sparse.csr_array(
                (np.ones(pointer[-1]), leaves[walked], pointer),
                shape=(len(leaves), nodes[-1]),
            )
            found = sparse.csr_array(visits @ donors)
            if used is not None:
                own = np.arange(rows.start, rows.stop)
                found[own - rows.start, own] = 0.0
            found.sort_indices()
            found.data /= np.repeat(found.sum(axis=1), np.diff(found.indptr))
            yield rows, found

    def _donors_of_leaves(self) -> sparse.csr_array:
        """Return d_i / D for each leaf of each tree: sparse of shape (all nodes, n_donors)."""
        shares, indices, pointers, passed = [], [], [np.zeros(1, np.int64)], 0
        for order, starts in zip(self.order, self.starts, strict=True):
            sizes = np.diff(starts)
            cumulated = np.concatenate([[0.0], np.cumsum(self.weights[order])])
            totals = np.diff(cumulated[starts])
            shares.append(self.weights[order] / np.repeat(totals, sizes))
            indices.append(order)
            pointers.append(starts[1:] + passed)
            passed += len(order)
        pointer = np.concatenate(pointers)
        return sparse.csr_array(
            (np.concatenate(shares), np.concatenate(indices), pointer),
            shape=(len(pointer) - 1, len(self.weights)),
        )


def weighted_quantiles(
    neighbours: sparse.csr_array, values: NDArray[np.float64], probabilities: ArrayLike
) -> NDArray[np.float64]:
    """Return, for each recipient, the smallest donor value at which F reaches a probability.

    Parameters
    ----------
    neighbours
        Sparse of shape (n_recipients, n_donors): non-negative weights of donors.
    values
        Shape (n_donors,): the donors' values of the target.
    probabilities
        Shape (n_probabilities,), in [0, 1]; 0 gives the smallest value with weight.

    Returns
    -------
    ndarray of shape (n_recipients, n_probabilities). No interpolation: every value is a donor's.
    """
    wanted = np.asarray(probabilities, dtype=np.float64)
    weights, places = _in_value_order(neighbours, values)
    cumulated = np.cumsum(weights, axis=1)
    total = cumulated[:, -1]
    rows = np.arange(len(total))
    columns = [
        (
            cumulated < np.maximum(q * total * (1 - ROUNDING), np.finfo(np.float64).tiny)[:, None]
        ).sum(axis=1)
        for q in wanted
    ]
    ordered = np.sort(values)
    return np.stack([ordered[places[rows, column]] for column in columns], axis=1)


def conditional_ranks(
    neighbours: sparse.csr_array,
    values: NDArray[np.float64],
    observed: NDArray[np.float64],
    jump: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return F(y- | x) + jump * (F(y | x) - F(y- | x)) at each recipient's own value y.

    Parameters
    ----------
    neighbours
        Sparse of shape (n_recipients, n_donors): non-negative weights of donors.
    values
        Shape (n_donors,): the donors' values of the target.
    observed
        Shape (n_recipients,): the recipients' values.
    jump
        Shape (n_recipients,), in [0, 1]: where to stand on a mass point.
    """
    weights, places = _in_value_order(neighbours, values)
    ordered = np.sort(values)
    below = np.searchsorted(ordered, observed, side="left")[:, None]
    up_to = np.searchsorted(ordered, observed, side="right")[:, None]
    low = (weights * (places < below)).sum(axis=1)
    high = (weights * (places < up_to)).sum(axis=1)
    return np.asarray((low + jump * (high - low)) / weights.sum(axis=1), dtype=np.float64)


def _in_value_order(
    neighbours: sparse.csr_array, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return weights and value ranks of each recipient's donors, ascending, padded with zeros."""
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    sizes = np.diff(neighbours.indptr)
    ranked = sparse.csr_array(
        (neighbours.data, rank[neighbours.indices], neighbours.indptr),
        shape=neighbours.shape,
        copy=True,  # sorting in place must not reorder the caller's weights
    )
    ranked.sort_indices()
    filled = np.arange(sizes.max())[None, :] < sizes[:, None]
    weights = np.zeros(filled.shape)
    weights[filled] = ranked.data
    places = np.zeros(filled.shape, dtype=np.int64)
    places[filled] = ranked.indices
    return weights, places


def _smallest(count: int) -> type[np.uint16] | type[np.int64]:
    """Return the integer type that node numbers fit in; 16 bits sort by radix."""
    return np.uint16 if count <= np.iinfo(np.uint16).max else np.int64
