"""Dependence carried by ranks: a Gaussian copula of residuals, and ranks that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from steelyard.impute.dependence import lower_root
from steelyard.impute.uniforms import keyed_uniforms

# Ranks at the very ends would be infinite normal scores.
EDGE = 1e-9


@dataclass(frozen=True)
class Copula:
    """A Gaussian copula between targets, made by `fit_copula`.

    Parameters
    ----------
    names
        The targets, in the order of the fitted model.
    correlation
        Shape (n_targets, n_targets): correlation of normal scores, positive definite.
    between
        Shape (n_targets, n_targets), symmetric: correlation of one partner's scores with the
        other's. None where partners were not looked at.
    """

    names: tuple[str, ...]
    correlation: NDArray[np.float64]
    between: NDArray[np.float64] | None = None

    def ranks(
        self,
        seed: int,
        names: tuple[str | int, ...],
        ids: ArrayLike,
        partners: ArrayLike | None = None,
    ) -> dict[str, NDArray[np.float64]]:
        """Draw dependent uniform ranks for recipients, for `Fitted.at_ranks`.

        Parameters
        ----------
        seed, names, ids
            As for `keyed_uniforms`; each target has its own stream below `names`. Another
            target after the others changes no rank of them.
        partners
            Shape (n,): the id of each record's partner, its own id where there is none. The two
            need not be in one call: each is drawn from both records' chance numbers.

        Returns
        -------
        For each target an array of shape (n,), uniform on (0, 1).
        """
        own = np.asarray(ids)
        scores = self._chance(seed, names, own)
        mixed = _mixed(lower_root(self.correlation), scores)
        if partners is not None and self.between is not None:
            plus = lower_root(self.correlation + self.between)
            minus = lower_root(self.correlation - self.between)
            theirs = np.asarray(partners)
            others = self._chance(seed, names, theirs)
            paired = _mixed((plus + minus) / 2, scores) + _mixed((plus - minus) / 2, others)
            mixed = np.where(own != theirs, paired, mixed)
        return {name: ndtr(row) for name, row in zip(self.names, mixed, strict=True)}

    def _chance(
        self, seed: int, names: tuple[str | int, ...], ids: ArrayLike
    ) -> NDArray[np.float64]:
        """Return independent normal scores, (n_targets, n)."""
        return np.stack(
            [_normal_score(keyed_uniforms(seed, (*names, name), ids)) for name in self.names]
        )


def fit_copula(
    ranks: Mapping[str, ArrayLike], weights: ArrayLike, *, shrinkage: float = 0.0
) -> Copula:
    """Fit the dependence that is left between targets once predictors are known.

    Parameters
    ----------
    ranks
        For each target shape (n_donors,), in [0, 1]: `Fitted.out_of_bag_ranks`.
    weights
        Shape (n_donors,): donor weights.
    shrinkage
        In [0, 1): the correlation matrix is moved this far towards no correlation.

    Raises
    ------
    ValueError
        If the shrinkage is out of range or the matrix is not positive definite (two targets
        always rank alike): shrink, or draw one of them from the other.

    Notes
    -----
    A rank on a mass point is spread at random over the jump, so the dependence *within* a
    mass point is taken for none, and correlations of targets with many zeros are understated.
    """
    if not 0 <= shrinkage < 1:
        raise ValueError(f"fit_copula: shrinkage is {shrinkage}, not in [0, 1)")
    scores = np.stack([_normal_score(rank) for rank in ranks.values()])
    covariance = np.atleast_2d(np.cov(scores, aweights=np.asarray(weights, dtype=np.float64)))
    spread = np.sqrt(np.diag(covariance))
    correlation = (1 - shrinkage) * covariance / np.outer(spread, spread)
    np.fill_diagonal(correlation, 1.0)
    least = float(np.linalg.eigvalsh(correlation)[0])
    if not least > 1e-8:
        raise ValueError(
            f"fit_copula: the correlations of {list(ranks)} have smallest eigenvalue {least:.2g}; "
            "some targets always rank alike: raise shrinkage or draw one from the other"
        )
    return Copula(tuple(ranks), correlation)


def preserve_ranks(ranks: ArrayLike, uniforms: ArrayLike, kappa: float) -> NDArray[np.float64]:
    """Return ranks that stay near given ones and are uniform still.

    For a replaced copy of a record: the household that reported much stays high among those
    like it, without being given back what it reported.

    Parameters
    ----------
    ranks
        Shape (n,), in [0, 1]: where a reported value lies in its predicted distribution.
    uniforms
        Shape (n,): independent uniform numbers, from `keyed_uniforms`.
    kappa
        In [0, 1]: weight of chance; 0 keeps the ranks, 1 forgets them.

    Notes
    -----
    Mixed as normal scores, sqrt(1 - kappa²) z + kappa e, which is again standard normal; a
    straight mixture of two uniforms would be triangular and pull everybody to the middle.
    """
    if not 0 <= kappa <= 1:
        raise ValueError(f"preserve_ranks: kappa is {kappa}, not in [0, 1]")
    kept, chance = _normal_score(ranks), _normal_score(uniforms)
    return np.asarray(ndtr(np.sqrt(1 - kappa**2) * kept + kappa * chance), dtype=np.float64)


def _mixed(root: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``root @ scores``, added row by row: a matrix product's last digit depends on n."""
    found = np.zeros_like(scores)
    for row, factors in enumerate(root):
        for column in range(row + 1):
            found[row] += factors[column] * scores[column]
    return found


def _normal_score(ranks: ArrayLike) -> NDArray[np.float64]:
    """Return normal quantiles of ranks in [0, 1], kept finite."""
    inside = np.clip(np.asarray(ranks, dtype=np.float64), EDGE, 1 - EDGE)
    return np.asarray(ndtri(inside), dtype=np.float64)
