"""How a forest is grown and drawn from: one frozen, hashable record for the manifest."""

import math
from dataclasses import dataclass
from typing import Literal

# In a sequence, small leaves keep targets together that each have a forest of their own; whole
# donors stay together by themselves, and larger leaves then keep the marginals better.
LEAST_LEAF, LEAST_LEAF_OF_SEVERAL = 8, 12

Mode = Literal["sequential", "joint"]


@dataclass(frozen=True)
class ImputeConfig:
    """Settings of one imputation model; ``dataclasses.asdict`` of it goes into a manifest.

    Parameters
    ----------
    name
        Name of the model. It is part of every random stream, so two models never share draws.
    seed
        Seed of the build. Together with `name` it fixes the trees.
    mode
        ``"sequential"``: one forest a target, each conditioning on the targets before it.
        ``"joint"``: one forest for all targets, whole donor vectors from one donor.
    trees
        Trees of a forest.
    min_leaf
        Fewest donors in a leaf, counted among those the tree was grown on. Left out: see
        `leaf_of`.
    feature_share
        Share of the predictors tried at a split, in (0, 1].
    sample_share
        Share of the donors, drawn without replacement, that a tree is grown on, in (0, 1].
        Below 1 the other donors are out of bag for that tree.
    max_depth
        Most splits between root and leaf; none where it is left out.
    n_jobs
        Threads that grow trees. Changes no result.
    memory_mib
        Working memory of quantiles and ranks, in MiB. Changes no result.

    Raises
    ------
    ValueError
        If a setting lies outside its range; the message names it.
    """

    name: str = "impute"
    seed: int = 0
    mode: Mode = "sequential"
    trees: int = 35
    min_leaf: int | None = None
    feature_share: float = 0.5
    sample_share: float = 0.8
    max_depth: int | None = None
    n_jobs: int = 1
    memory_mib: int = 256

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError(
                "ImputeConfig: name is empty; it keeps the streams of two models apart"
            )
        if self.mode not in ("sequential", "joint"):
            raise ValueError(f"ImputeConfig: mode is {self.mode!r}, not 'sequential' or 'joint'")
        for setting in ("trees", "n_jobs", "memory_mib"):
            if getattr(self, setting) < 1:
                raise ValueError(f"ImputeConfig: {setting} is {getattr(self, setting)}, not >= 1")
        for setting in ("min_leaf", "max_depth"):
            given = getattr(self, setting)
            if given is not None and given < 1:
                raise ValueError(f"ImputeConfig: {setting} is {given}, not >= 1 or None")
        for setting in ("feature_share", "sample_share"):
            if not 0 < getattr(self, setting) <= 1:
                raise ValueError(
                    f"ImputeConfig: {setting} is {getattr(self, setting)}, not in (0, 1]"
                )

    def leaf_of(self, donors: int, outcomes: int) -> int:
        """Return the fewest donors in a leaf of a forest.

        Parameters
        ----------
        donors
            How many donors the forest has.
        outcomes
            How many scores its splits tell apart: 1 for an amount, more for a vector or classes.

        Returns
        -------
        `min_leaf` where it is given. Else 8, or 12 for several outcomes, or a tenth of the root
        of the donors where that is more (16 of 26,000).
        """
        if self.min_leaf is not None:
            return self.min_leaf
        least = LEAST_LEAF if outcomes == 1 else LEAST_LEAF_OF_SEVERAL
        return max(least, round(math.sqrt(donors) / 10))
