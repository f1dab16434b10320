"""Trees with every donor hung back on its leaf, and exact draws from what hangs there.

Notation: T trees; d_i the weight of donor i; L_t(x) the leaf of tree t that x falls into, with
donor weight D_t(x). The conditional distribution is

    F(y | x) = sum_i w_i(x) d_i 1{y_i <= y},   w_i(x) = mean over t of 1{i in L_t(x)} / D_t(x),

the forest of Meinshausen (2006) with the donors' weights in the leaves; sum_i w_i(x) d_i = 1.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.tree import DecisionTreeRegressor

from steelyard.frame import stream
from steelyard.impute.config import ImputeConfig

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
        emphasis: NDArray[np.float64] | None = None,
    ) -> "LeafForest":
        """Grow trees that split donors so that scores differ between leaves.

        Each tree sees a random `sample_share` of the donors (`balanced_samples`); then all are
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
        emphasis
            Shape (n_donors,): how much a donor counts in choosing splits, in a bootstrap.
        """
        count = len(features)
        in_sample = balanced_samples(count, config, *names)
        by_score = np.argsort(scores[:, 0], kind="stable").astype(np.int32)

        def one(number: int) -> tuple[Any, NDArray[np.int32], NDArray[np.int64]]:
            rng = stream(config.seed, config.name, "grow", *names, number)
            sample = np.flatnonzero(in_sample[number])
            grown = DecisionTreeRegressor(
                min_samples_leaf=config.leaf_of(count, scores.shape[1]),
                max_features=config.feature_share,
                max_depth=config.max_depth,
                random_state=int(rng.integers(2**31)),
            ).fit(
                features[sample],
                scores[sample],
                sample_weight=None if emphasis is None else emphasis[sample],
                check_input=False,
            )
            tree = grown.tree_
            leaves = tree.apply(features)[by_score]
            order = by_score[np.argsort(leaves.astype(_smallest(tree.node_count)), kind="stable")]
            sizes = np.bincount(leaves, minlength=tree.node_count)
            return tree, order, np.concatenate([[0], np.cumsum(sizes)])

        with ThreadPoolExecutor(config.n_jobs) as pool:
            trees, orders, starts = zip(*pool.map(one, range(config.trees)), strict=True)
        return cls(trees, np.stack(orders), starts, in_sample, weights, config.memory_mib)

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
        for tree, order, starts, cumulated, rows in zip(
            self.trees, self.order, self.starts, self._cumulated, rows_of_tree, strict=True
        ):
            if not rows.size:
                continue
            leaves = tree.apply(features[rows])
            first, last = starts[leaves], starts[leaves + 1] - 1
            low, high = cumulated[first], cumulated[last + 1]
            wanted = low + within[rows] * (high - low)
            places = np.searchsorted(cumulated, wanted, side="right") - 1
            donors[rows] = order[np.clip(places, first, last)]
        return donors

    @cached_property
    def _cumulated(self) -> tuple[NDArray[np.float64], ...]:
        """Weights of donors summed along each tree's order: a life asks for them a year."""
        return tuple(
            np.concatenate([[0.0], np.cumsum(self.weights[order])]) for order in self.order
        )

    def neighbours(
        self, features: NDArray[np.float32], *, own: NDArray[np.int64] | None = None
    ) -> Iterator[tuple[slice, sparse.csr_array]]:
        """Yield, chunk by chunk, the weights that F(. | x) puts on donors.

        Parameters
        ----------
        features
            Shape (n_recipients, n_predictors or more).
        own
            Shape (n_recipients,): which donor a recipient is, -1 for none. A donor uses only
            trees that were not grown on it and is taken off its own leaves (out of bag).

        Yields
        ------
        rows, weights
            A slice of recipients, and a sparse array of shape (rows, n_donors) with rows that
            sum to 1. What a recipient gets does not depend on the chunk it came in.

        Raises
        ------
        ValueError
            If a donor among the recipients was in the sample of every tree.
        """
        self._check_out_of_bag(own)
        donors = self._donors_of_leaves()
        nodes = np.cumsum([0, *(tree.node_count for tree in self.trees)])
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
            walked = np.ones(leaves.shape, np.bool_)
            if own is not None:
                walked = ~(self.in_sample[:, own[rows]] & (own[rows] >= 0)).T
            pointer = np.concatenate([[0], np.cumsum(walked.sum(axis=1))])
            visits = sparse.csr_array(
                (np.ones(pointer[-1]), leaves[walked], pointer),
                shape=(len(leaves), nodes[-1]),
            )
            found = sparse.csr_array(visits @ donors)
            if own is not None:
                themselves = np.flatnonzero(own[rows] >= 0)
                found[themselves, own[rows][themselves]] = 0.0
            found.sort_indices()
            found.data /= np.repeat(found.sum(axis=1), np.diff(found.indptr))
            yield rows, found

    def class_shares(
        self,
        features: NDArray[np.float32],
        codes: NDArray[np.int64],
        classes: int,
        *,
        own: NDArray[np.int64] | None = None,
    ) -> NDArray[np.float64]:
        """Return the weight of each class of donors in F(. | x): its exact probability.

        Parameters
        ----------
        features, own
            As in `neighbours`.
        codes
            Shape (n_donors,): class of each donor, from 0 to classes - 1.
        classes
            How many classes there are.

        Returns
        -------
        Shape (n_recipients, classes); rows sum to 1. Equal to the weights of `neighbours`
        summed by class, for the price of one table look-up a tree.
        """
        self._check_out_of_bag(own)
        found = np.zeros((len(features), classes))
        for number, (tree, order, starts) in enumerate(
            zip(self.trees, self.order, self.starts, strict=True)
        ):
            node = np.repeat(np.arange(tree.node_count), np.diff(starts))
            mass = np.bincount(
                node * classes + codes[order],
                self.weights[order],
                minlength=tree.node_count * classes,
            ).reshape(-1, classes)
            leaves = tree.apply(features)
            part = mass[leaves]
            if own is not None:
                themselves = np.flatnonzero(own >= 0)
                donor = own[themselves]
                part[themselves, codes[donor]] -= self.weights[donor]
                part[themselves[self.in_sample[number, donor]]] = 0.0
            found += np.maximum(part, 0.0) / mass.sum(axis=1)[leaves][:, None]
        return np.asarray(found / found.sum(axis=1, keepdims=True), dtype=np.float64)

    def has_out_of_bag(self) -> NDArray[np.bool_]:
        """Return for each donor whether a tree was not grown on it, of shape (n_donors,)."""
        return np.asarray(~self.in_sample.all(axis=0), dtype=np.bool_)

    def _check_out_of_bag(self, own: NDArray[np.int64] | None) -> None:
        if own is None:
            return
        donors = own[own >= 0]
        without = np.count_nonzero(~self.has_out_of_bag()[donors])
        if without:
            raise ValueError(
                f"out of bag: {without} of {len(donors)} donors were in the sample of every "
                "tree; grow more trees or lower sample_share"
            )

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


def balanced_samples(count: int, config: ImputeConfig, *names: str) -> NDArray[np.bool_]:
    """Return which donors each tree is grown on, of shape (trees, count).

    The donors are shuffled and left out in turn, one part after the other, then shuffled anew:
    so a few trees are enough for every donor to be out of bag, and about equally often.

    Parameters
    ----------
    count
        How many donors there are.
    config
        Its `trees` and `sample_share` count.
    *names
        What the forest is for: part of the random stream.
    """
    found = np.ones((config.trees, count), dtype=np.bool_)
    left_out = count - max(1, round(config.sample_share * count))
    turns = -(-count // left_out) if left_out else config.trees
    for number in range(config.trees if left_out else 0):
        turn = number % turns
        if turn == 0:
            shuffled = stream(
                config.seed, config.name, "sample", *names, number // turns
            ).permutation(count)
        part = np.arange(turn * left_out, (turn + 1) * left_out) % count
        found[number, shuffled[part]] = False
    return found


def _smallest(count: int) -> type[np.uint16] | type[np.int64]:
    """Return the integer type that node numbers fit in; 16 bits sort by radix."""
    return np.uint16 if count <= np.iinfo(np.uint16).max else np.int64
