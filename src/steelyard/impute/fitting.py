"""Fit the model that a `ModelSpec` describes: one forest or hurdle a block."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from steelyard.impute.config import ImputeConfig
from steelyard.impute.donors import Donors
from steelyard.impute.forest import LeafForest
from steelyard.impute.scores import class_scores
from steelyard.impute.spec import ModelSpec, Target
from steelyard.impute.stages import (
    NEGATIVE,
    POSITIVE,
    ZERO,
    DonorStage,
    HurdleStage,
    Positions,
    Stage,
    signs_of,
    zero_shift,
)

JOINT = "joint"
# Outcomes that are kept together by other means than the leaves' smallness.
SEVERAL = 2


@dataclass(frozen=True)
class Block:
    """Targets that are drawn together.

    Parameters
    ----------
    name
        Name of the block's streams.
    targets
        What is drawn.
    condition
        Column of features without which all are logical zeros; None where there is none.
    stage
        What they are drawn from.
    """

    name: str
    targets: tuple[Target, ...]
    condition: int | None
    stage: Stage


@dataclass(frozen=True)
class Fitter:
    """Grow the stages of a model on its donors.

    Parameters
    ----------
    spec
        What is drawn.
    donors
        From whom.
    """

    spec: ModelSpec
    donors: Donors

    @property
    def config(self) -> ImputeConfig:
        """Settings of the forests, under the model's name."""
        return replace(self.spec.config, name=self.spec.name)

    def blocks(self) -> tuple[Block, ...]:
        """Fit every block, each given the predictors and the blocks before it."""
        fitted, known = [], len(self.spec.predictors)
        for targets in self.spec.order:
            name = self._name(targets)
            width = len(self.spec.predictors) if self.spec.mode == "copula" else known
            condition = self._column(targets[0].only_if)
            stage = self._stage(targets, self._used(targets[0], condition), width, name)
            fitted.append(Block(name, targets, condition, stage))
            known += len(targets)
        return tuple(fitted)

    def alone(self, target: Target) -> Block:
        """Fit a target given the predictors alone.

        A logical zero that hangs on an earlier target is then a value like any other.
        """
        known = target.only_if in self.spec.predictors
        condition = self._column(target.only_if) if known else None
        used = self._used(target, condition)
        width = len(self.spec.predictors)
        stage = self._stage((target,), used, width, target.name, "alone")
        return Block(target.name, (target,), condition, stage)

    def _name(self, targets: tuple[Target, ...]) -> str:
        if self.spec.mode == "joint" and not self.spec.blocks:
            return JOINT
        return "+".join(target.name for target in targets)

    def _column(self, name: str | None) -> int | None:
        return None if name is None else self.donors.columns.index(name)

    def _used(self, target: Target, condition: int | None) -> Positions:
        """Return the donors for whom the targets of a block are no logical zeros."""
        if condition is None:
            return np.arange(len(self.donors.rows))
        used = np.flatnonzero(self.donors.features[:, condition])
        if not used.size:
            raise ValueError(
                f"fit: {target.only_if!r}, without which {target.name!r} is zero, is 0 for all "
                f"{len(self.donors.rows)} donors of positive weight; there is nobody to draw from"
            )
        return used

    def _stage(
        self, targets: tuple[Target, ...], used: Positions, width: int, *names: str
    ) -> Stage:
        if targets[0].is_hurdle:
            return self._hurdle(targets[0], used, width, *names)
        return self._grow(self.donors.scores(targets, used), used, width, *names)

    def _grow(
        self, scores: NDArray[np.float64], used: Positions, width: int, *names: str
    ) -> DonorStage:
        donors, config = self.donors, self.config
        if self.spec.mode == "copula":
            # Ranks keep the targets together, as a vector does, so leaves need not.
            config = replace(config, min_leaf=config.leaf_of(len(used), SEVERAL))
        forest = LeafForest.grow(
            donors.features[used, :width],
            scores,
            donors.weights[used],
            config,
            *names,
            emphasis=None if donors.emphasis is None else donors.emphasis[used],
        )
        return DonorStage(used, forest)

    def _hurdle(self, target: Target, used: Positions, width: int, *names: str) -> HurdleStage:
        donors = self.donors
        codes = signs_of(donors.amounts(target.name))
        signs = self._grow(class_scores(codes[used], 3), used, width, *names, "sign")
        sides = [
            self._grow(donors.scores((target,), rows), rows, width, *names, side)
            if (rows := used[codes[used] == code]).size
            else None
            for side, code in (("negative", NEGATIVE), ("positive", POSITIVE))
        ]
        judged = used[signs.has_out_of_bag(used)]
        shift = 0.0
        if judged.size:
            shares = signs.shares(donors.features[judged, :width], codes, 3, own=judged)
            weights = donors.weights[judged]
            share = float(np.average(codes[judged] == ZERO, weights=weights))
            shift = zero_shift(shares, weights, share)
        return HurdleStage(signs, codes, shift, *sides)
