"""Impute targets from donors to recipients by exact draws from weighted quantile forests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.config import ImputeConfig
from steelyard.impute.evaluation import mid_ranks
from steelyard.impute.forest import LeafForest, conditional_ranks, weighted_quantiles
from steelyard.impute.tables import Table, donor_weights, features, select
from steelyard.impute.uniforms import keyed_uniforms

JOINT = "joint"


@dataclass(frozen=True)
class Fitted:
    """A fitted imputation model. Made by `ForestImputer.fit`; pure, and never pickled.

    Parameters
    ----------
    config
        The settings it was grown with.
    predictors, targets
        Column names, in order.
    features
        float32 of shape (n_donors, n_predictors + n_targets): predictors, then the targets, on
        which sequential forests condition.
    values
        DataFrame of shape (n_donors, n_targets): the donors' targets as they came.
    rows
        int64 of shape (n_donors,): the donor table's row of each donor kept.
    weights
        Shape (n_donors,): positive donor weights.
    forests
        One forest in joint mode, else one a target.
    """

    config: ImputeConfig
    predictors: tuple[str, ...]
    targets: tuple[str, ...]
    features: NDArray[np.float32]
    values: pd.DataFrame
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    forests: tuple[LeafForest, ...]

    def draw(
        self,
        recipient: Table,
        rng: np.random.Generator | None = None,
        *,
        seed: int | None = None,
        key: str | ArrayLike | None = None,
    ) -> Any:
        """Draw the targets of each recipient from their conditional distribution.

        Parameters
        ----------
        recipient
            DataFrame or pyarrow Table of shape (n_recipients, any) with the predictors.
        rng
            Generator from which a seed is taken. Give it or `seed`, not both.
        seed
            Seed of the draw; another seed is another, independent implicate.
        key
            Column of the recipient, or array of shape (n_recipients,), of unique integers or
            strings. A draw belongs to its key: permuting, adding or leaving out recipients, or
            adding a target after the others, changes no draw. Without a key, the row number.

        Returns
        -------
        Table of the recipient's kind, of shape (n_recipients, n_targets), in the donors' types;
        a DataFrame keeps the recipient's index.

        Raises
        ------
        ValueError
            As `select` for the predictors; if keys repeat; if not one of `rng`, `seed` is given.
        """
        donors = self._donors(recipient, rng, seed, key)
        drawn = pd.DataFrame(
            {
                target: self.values[target].to_numpy()[donors[:, place]]
                for place, target in enumerate(self.targets)
            }
        )
        if isinstance(recipient, pa.Table):
            return pa.Table.from_pandas(drawn, preserve_index=False)
        return drawn.set_axis(recipient.index)

    def donors(
        self,
        recipient: Table,
        rng: np.random.Generator | None = None,
        *,
        seed: int | None = None,
        key: str | ArrayLike | None = None,
    ) -> NDArray[np.int64]:
        """Return the donors behind `draw` with the same arguments.

        Returns
        -------
        int64 of shape (n_recipients, n_targets): rows of the donor table. In joint mode all
        columns are equal.
        """
        return self.rows[self._donors(recipient, rng, seed, key)]

    def quantiles(
        self, recipient: Table, probabilities: ArrayLike
    ) -> dict[str, NDArray[np.float64]]:
        """Return conditional quantiles of each target given the predictors alone.

        Parameters
        ----------
        recipient
            DataFrame or pyarrow Table of shape (n_recipients, any) with the predictors.
        probabilities
            Shape (n_probabilities,), in [0, 1]; nothing is interpolated, so any will do.

        Returns
        -------
        For each target an array of shape (n_recipients, n_probabilities): the smallest donor
        value at which the weighted conditional distribution reaches the probability.

        Notes
        -----
        Sequential forests condition on earlier targets, which a recipient does not have; a
        forest on the predictors alone is grown for each of those targets when asked.
        """
        wide = features(recipient, self.predictors, "recipient")
        return self._quantiles(wide, probabilities, out_of_bag=False)

    def support(self, recipient: Table) -> pd.DataFrame:
        """Return how far recipients lie outside what the donors show, predictor by predictor.

        A tree sends a value beyond the donors' range, or a code that no donor has, to the leaf
        of the nearest values: a draw is always made, and this table tells for how many it is an
        extrapolation.

        Returns
        -------
        DataFrame of shape (n_predictors, 3), indexed by predictor: shares of recipients
        ``below`` the donors' least value, ``above`` their greatest, and ``unseen``: with a
        value that no donor has (to be expected of amounts, a warning for codes).
        """
        known = features(recipient, self.predictors, "recipient")
        donors = self.features[:, : len(self.predictors)]
        shares = {
            "below": (known < donors.min(axis=0)).mean(axis=0),
            "above": (known > donors.max(axis=0)).mean(axis=0),
            "unseen": [
                (~np.isin(column, seen)).mean()
                for column, seen in zip(known.T, donors.T, strict=True)
            ],
        }
        return pd.DataFrame(shares, index=pd.Index(self.predictors, name="predictor"))

    def out_of_bag_quantiles(self, probabilities: ArrayLike) -> dict[str, NDArray[np.float64]]:
        """Return `quantiles` of the donors kept, each from trees that were not grown on it.

        Raises
        ------
        ValueError
            If some donor was in the sample of every tree.
        """
        return self._quantiles(
            self.features[:, : len(self.predictors)], probabilities, out_of_bag=True
        )

    def out_of_bag_ranks(self, seed: int) -> dict[str, NDArray[np.float64]]:
        """Return for each target the rank of each donor's value in its out-of-bag distribution.

        Where the distribution has a mass point at the value, the rank is uniform on the jump
        (Rosenblatt's transform, by a draw named for the donor table's row); then ranks of a good
        model are uniform on (0, 1). They are the residuals whose dependence a copula describes.

        Returns
        -------
        For each target an array of shape (n_donors,).
        """
        wide = self.features[:, : len(self.predictors)]
        ranks = {}
        for target, forest in self._given_predictors():
            values = self.values[target].to_numpy(dtype=np.float64)
            jump = keyed_uniforms(seed, (self.config.name, "rank", target), self.rows)
            ranks[target] = np.concatenate(
                [
                    conditional_ranks(near, values, values[rows], jump[rows])
                    for rows, near in forest.neighbours(wide, out_of_bag=True)
                ]
            )
        return ranks

    def _donors(
        self,
        recipient: Table,
        rng: np.random.Generator | None,
        seed: int | None,
        key: str | ArrayLike | None,
    ) -> NDArray[np.int64]:
        """Return positions among the donors kept, of shape (n_recipients, n_targets)."""
        if (rng is None) == (seed is None):
            raise ValueError("draw: give one of rng and seed")
        if seed is None and rng is not None:
            seed = int(rng.integers(2**63))
        known = features(recipient, self.predictors, "recipient")
        ids = _ids(recipient, key)
        wide = np.zeros((len(known), self.features.shape[1]), dtype=np.float32)
        wide[:, : len(self.predictors)] = known
        donors = np.empty((len(wide), len(self.targets)), dtype=np.int64)
        for place, (forest, name) in enumerate(zip(self.forests, self._streams(), strict=True)):
            uniforms = keyed_uniforms(int(seed or 0), (self.config.name, "draw", name), ids)
            drawn = forest.draw(wide, uniforms)
            if self.config.mode == JOINT:
                donors[:] = drawn[:, None]
            else:
                donors[:, place] = drawn
                column = len(self.predictors) + place
                wide[:, column] = self.features[drawn, column]
        return donors

    def _streams(self) -> tuple[str, ...]:
        """Return the name of each forest's stream."""
        return (JOINT,) if self.config.mode == JOINT else self.targets

    def _given_predictors(self) -> list[tuple[str, LeafForest]]:
        """Return for each target a forest on the predictors alone."""
        if self.config.mode == JOINT:
            return [(target, self.forests[0]) for target in self.targets]
        wide = self.features[:, : len(self.predictors)]
        grown = [
            LeafForest.grow(
                wide,
                _scores(self.values[[name]], self.weights),
                self.weights,
                self.config,
                name,
                "alone",
            )
            for name in self.targets[1:]
        ]
        return list(zip(self.targets, (self.forests[0], *grown), strict=True))

    def _quantiles(
        self, wide: NDArray[np.float32], probabilities: ArrayLike, *, out_of_bag: bool
    ) -> dict[str, NDArray[np.float64]]:
        """Return quantiles of each target for rows of predictors."""
        wanted = np.atleast_1d(np.asarray(probabilities, dtype=np.float64))
        if wanted.ndim != 1 or not ((wanted >= 0) & (wanted <= 1)).all():
            raise ValueError(f"quantiles: probabilities {wanted.tolist()} are not all in [0, 1]")
        return {
            target: np.concatenate(
                [
                    weighted_quantiles(near, self.values[target].to_numpy(dtype=np.float64), wanted)
                    for _, near in forest.neighbours(wide, out_of_bag=out_of_bag)
                ]
            )
            for target, forest in self._given_predictors()
        }


@dataclass(frozen=True)
class ForestImputer:
    """Fit weighted quantile forests and draw from them.

    Parameters
    ----------
    config
        Settings; see `ImputeConfig`.
    """

    config: ImputeConfig = field(default_factory=ImputeConfig)

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> Fitted:
        """Grow the forests on the donors.

        Parameters
        ----------
        donor
            DataFrame or pyarrow Table of shape (n_donors, any), in a fixed order (sort it by
            its key): the trees' samples go by row.
        predictors, targets
            Numeric columns. In sequential mode a target conditions on those before it.
        weight
            Column of donor weights, not negative. Donors of weight zero stand for nobody and
            are left out.

        Raises
        ------
        ValueError
            As `select` and `donor_weights`; if no predictor or target is named, a name is
            repeated, or the weight is among the predictors.
        """
        names = [*predictors, *targets, *([weight] if weight else [])]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"fit: {repeated} named more than once among {names}")
        if not predictors or not targets:
            raise ValueError("fit: name at least one predictor and one target")
        known = features(donor, predictors, "donor")
        values = select(donor, targets, "donor")
        later = features(donor, targets, "donor")
        weights = donor_weights(donor, weight)
        rows = np.flatnonzero(weights > 0)
        wide = np.concatenate([known, later], axis=1)[rows]
        values, weights = values.iloc[rows].reset_index(drop=True), weights[rows]
        config = self.config
        scores = _scores(values, weights)
        if config.mode == JOINT:
            forests = [LeafForest.grow(wide[:, : len(predictors)], scores, weights, config, JOINT)]
        else:
            forests = [
                LeafForest.grow(
                    wide[:, : len(predictors) + place], scores[:, [place]], weights, config, name
                )
                for place, name in enumerate(targets)
            ]
        return Fitted(
            config, tuple(predictors), tuple(targets), wide, values, rows, weights, tuple(forests)
        )


def _scores(values: pd.DataFrame, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weighted mid-ranks of each target, standardised: shape (n_donors, n_targets).

    Squared error on ranks is fair to heavy tails, and a mass point (zero) keeps one rank apart
    from the values beside it in proportion to the people on it. A constant target scores 0.
    """
    columns = []
    for target in values:
        rank = mid_ranks(values[target].to_numpy(), weights)
        spread = rank.std()
        columns.append((rank - rank.mean()) / spread if spread > 0 else np.zeros(len(rank)))
    return np.stack(columns, axis=1)


def _ids(recipient: Table, key: str | ArrayLike | None) -> NDArray[Any]:
    """Return the recipients' unique keys, of shape (n_recipients,)."""
    count = len(recipient)
    if key is None:
        return np.arange(count)
    if isinstance(key, str):
        names = recipient.column_names if isinstance(recipient, pa.Table) else recipient.columns
        if key not in names:
            raise ValueError(f"recipient: there is no key column {key!r}")
        key = recipient[key].to_pandas() if isinstance(recipient, pa.Table) else recipient[key]
    ids: NDArray[Any] = np.asarray(key)
    if ids.shape != (count,):
        raise ValueError(f"recipient: {count} rows but keys of shape {ids.shape}")
    values, first = np.unique(ids, return_index=True)
    if len(values) < count:
        again = np.setdiff1d(np.arange(count), first)
        raise ValueError(
            f"recipient: {len(again)} of {count} keys repeat an earlier one "
            f"(first: {ids[again[:3]].tolist()}); equal keys would get equal draws"
        )
    return ids
