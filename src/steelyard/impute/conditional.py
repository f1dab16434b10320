"""What a fitted model knows of each target given the predictors: quantiles, ranks, classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.constraints import bounds
from steelyard.impute.copula import Copula
from steelyard.impute.dependence import Interval
from steelyard.impute.donors import Donors, referred_columns
from steelyard.impute.fitting import Block, Fitter
from steelyard.impute.ranking import intervals_of, quantiles_of, shares_of
from steelyard.impute.spec import ModelSpec
from steelyard.impute.stages import Features, Floats, Positions
from steelyard.impute.tables import Table, features, select, unique_keys
from steelyard.impute.uniforms import keyed_uniforms


@dataclass(frozen=True)
class Conditional:
    """The fitted stages of a model, asked for distributions.

    Parameters
    ----------
    spec
        What is drawn and how.
    known
        The donors of positive weight, inside their constraints.
    blocks
        What each block of targets is drawn from, in order.
    copula
        Dependence of ranks, in copula mode.
    """

    spec: ModelSpec
    known: Donors = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    copula: Copula | None = None
    # Targets given the predictors alone, fitted when first asked for.
    alone: dict[str, Block] = field(default_factory=dict, repr=False, compare=False)

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets, in the order of the spec."""
        return self.spec.names

    @property
    def weights(self) -> Floats:
        """Weights of the donors kept, (n_donors,)."""
        return self.known.weights

    def quantiles(
        self,
        recipient: Table,
        probabilities: ArrayLike,
        targets: Sequence[str] | None = None,
    ) -> dict[str, Floats]:
        """Return conditional quantiles of amounts given the predictors alone.

        Parameters
        ----------
        recipient
            DataFrame or pyarrow Table of shape (n_recipients, any) with the predictors.
        probabilities
            Shape (n_probabilities,), in [0, 1]; nothing is interpolated, so any will do.
        targets
            Some of the amounts; all of them where left out.

        Returns
        -------
        For each amount an array of shape (n_recipients, n_probabilities): the smallest value at
        which the weighted conditional distribution reaches the probability, inside its bounds.

        Raises
        ------
        ValueError
            If a target is a category, which has no order: ask for `probabilities`.

        Notes
        -----
        Later blocks condition on earlier targets, which a recipient does not have; a forest on
        the predictors alone is grown for each of those targets when first asked.
        """
        wide = features(recipient, self.spec.predictors, "recipient")
        limits = referred_columns(recipient, self.spec, "recipient")
        return self._quantiles(wide, limits, probabilities, targets, None)

    def out_of_bag_quantiles(
        self, probabilities: ArrayLike, targets: Sequence[str] | None = None
    ) -> dict[str, Floats]:
        """Return `quantiles` of the donors kept, each from trees that were not grown on it.

        Raises
        ------
        ValueError
            As `quantiles`, and if some donor was in the sample of every tree.
        """
        wide, everybody = self._donors_themselves()
        return self._quantiles(wide, self.known.referred, probabilities, targets, everybody)

    def probabilities(
        self, recipient: Table, targets: Sequence[str] | None = None
    ) -> dict[str, pd.DataFrame]:
        """Return the probability of each class of categories, given the predictors alone.

        Parameters
        ----------
        recipient
            As in `quantiles`.
        targets
            Some of the categories; all of them where left out.

        Returns
        -------
        For each category a DataFrame of shape (n_recipients, n_classes), the classes its
        columns. They are exact: the weight of the donors of the class, of which a draw is one.
        """
        wide = features(recipient, self.spec.predictors, "recipient")
        return self._probabilities(wide, targets, None)

    def out_of_bag_probabilities(
        self, targets: Sequence[str] | None = None
    ) -> dict[str, pd.DataFrame]:
        """Return `probabilities` of the donors kept, from trees that were not grown on them."""
        wide, everybody = self._donors_themselves()
        return self._probabilities(wide, targets, everybody)

    def at_ranks(self, recipient: Table, ranks: Mapping[str, ArrayLike]) -> pd.DataFrame:
        """Return the value of each amount at a given rank of its conditional distribution.

        With uniform ranks these are draws, by inversion instead of by donor. Conditional on the
        predictors alone, in every mode.

        Parameters
        ----------
        recipient
            As in `quantiles`.
        ranks
            For some or all amounts, shape (n_recipients,), in [0, 1].
        """
        wide = features(recipient, self.spec.predictors, "recipient")
        limits = referred_columns(recipient, self.spec, "recipient")
        found = {}
        for target in self._amounts(tuple(ranks)):
            wanted = np.asarray(ranks[target], dtype=np.float64).reshape(-1, 1)
            if len(wanted) != len(wide):
                raise ValueError(f"ranks: {len(wanted)} of {target!r} for {len(wide)} recipients")
            found[target] = self._bounded_quantiles(target, wide, limits, wanted, None)[:, 0]
        return pd.DataFrame(found)

    def ranks(
        self, recipient: Table, seed: int, key: str | ArrayLike | None = None
    ) -> dict[str, Floats]:
        """Return the rank of recipients' own amounts in their conditional distributions.

        A rank on a mass point is spread over the jump by a draw named for the key (Rosenblatt's
        transform), so that the ranks of a good model, on records it has not seen, are uniform.

        Parameters
        ----------
        recipient
            With the predictors and the amounts, as they were reported.
        seed, key
            As in `FittedModel.draw`.

        Returns
        -------
        For each amount an array of shape (n_recipients,), in [0, 1].
        """
        wide = features(recipient, self.spec.predictors, "recipient")
        names = self._amounts(None)
        reported = select(recipient, names, "recipient")
        own = {name: reported[name].to_numpy(np.float64) for name in names}
        return self._ranks(wide, own, unique_keys(recipient, key), seed, None)

    def out_of_bag_ranks(self, seed: int) -> dict[str, Floats]:
        """Return `ranks` of the donors kept, each from trees that were not grown on it."""
        wide, everybody = self._donors_themselves()
        own = {name: self.known.amounts(name) for name in self._amounts(None)}
        return self._ranks(wide, own, self.known.rows, seed, everybody)

    def given_predictors(self, name: str) -> Block:
        """Return what a target is drawn from given the predictors alone."""
        target = self.spec.target(name)
        if name not in self.alone:
            index = [target in block.targets for block in self.blocks].index(True)
            block = self.blocks[index]
            is_known = target.only_if is None or target.only_if in self.spec.predictors
            if (index == 0 or self.copula is not None) and is_known:
                self.alone[name] = block
            else:
                self.alone[name] = Fitter(self.spec, self.known).alone(target)
        return self.alone[name]

    def interval(
        self, name: str, wide: Features, observed: Floats, own: Positions | None = None
    ) -> Interval:
        """Return F(y-) and F(y) of an amount at observed values, (n,) each."""
        return intervals_of(self.given_predictors(name), self.known, name, wide, observed, own)

    def _ranks(
        self,
        wide: Features,
        observed: Mapping[str, Floats],
        ids: NDArray[Any],
        seed: int,
        own: Positions | None,
    ) -> dict[str, Floats]:
        found = {}
        for name, values in observed.items():
            low, high = self.interval(name, wide, values, own)
            jump = keyed_uniforms(seed, (self.spec.name, "rank", name), ids)
            found[name] = low + jump * (high - low)
        return found

    def _quantiles(
        self,
        wide: Features,
        limits: Mapping[str, Floats],
        probabilities: ArrayLike,
        targets: Sequence[str] | None,
        own: Positions | None,
    ) -> dict[str, Floats]:
        wanted = np.asarray(probabilities, dtype=np.float64).reshape(1, -1)
        return {
            name: self._bounded_quantiles(name, wide, limits, wanted, own)
            for name in self._amounts(targets)
        }

    def _bounded_quantiles(
        self,
        name: str,
        wide: Features,
        limits: Mapping[str, Floats],
        probabilities: Floats,
        own: Positions | None,
    ) -> Floats:
        block = self.given_predictors(name)
        found = quantiles_of(block, self.known, name, wide, probabilities, own)
        least, most = bounds(self.spec.target(name), limits, len(wide), "recipient")
        is_zero = found == 0 if self.spec.target(name).only_if else np.zeros(1, dtype=np.bool_)
        return np.where(is_zero, 0.0, np.clip(found, least[:, None], most[:, None]))

    def _probabilities(
        self, wide: Features, targets: Sequence[str] | None, own: Positions | None
    ) -> dict[str, pd.DataFrame]:
        found = {}
        for name in self._of_kind("category", targets, "probabilities", "quantiles"):
            block = self.given_predictors(name)
            shares = shares_of(block, self.known, name, wide, own)
            found[name] = pd.DataFrame(shares, columns=pd.Index(self.known.labels[name]))
        return found

    def _donors_themselves(self) -> tuple[Features, Positions]:
        wide = self.known.features[:, : len(self.spec.predictors)]
        return wide, np.arange(len(wide))

    def _amounts(self, targets: Sequence[str] | None) -> tuple[str, ...]:
        return self._of_kind("amount", targets, "quantiles and ranks", "probabilities")

    def _of_kind(
        self, kind: str, targets: Sequence[str] | None, asked: str, instead: str
    ) -> tuple[str, ...]:
        """Return the targets of a kind; raise a ValueError if another was asked for."""
        right = tuple(target.name for target in self.spec.targets if target.kind == kind)
        wanted = right if targets is None else tuple(targets)
        wrong = [name for name in wanted if self.spec.target(name).name not in right]
        if wrong or not wanted:
            raise ValueError(
                f"{asked} of model {self.spec.name!r}: {wrong or list(self.targets)} are no "
                f"{kind} targets; ask for {instead}"
            )
        return wanted
