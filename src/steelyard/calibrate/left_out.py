"""What the rest of the targets says of a family or a state that is left out.

Each group's targets are dropped from the solved problem in turn, shares of the loss staying as
they are: their multipliers are held at 0, and Newton's method goes on from there. With P the
inverse of the solved problem's Hessian, what P makes of a gradient is brought back to the problem
without the group S by

    d - P_.S (P_SS)⁻¹ d_S,

so that one inverse is the preconditioner of every group, and groups stream the non-zeros together.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from steelyard.calibrate.config import Mask, Vector
from steelyard.calibrate.nearby import Columns, Neighbourhood, Newton

#: Newton steps after the first-order one, and the relative mismatch at which they end.
_STEPS, _TOLERANCE = 20, 2e-3
#: Groups whose products with the non-zeros are taken together; memory grows with it.
_BATCH = 8


#: A factored matrix, as SciPy has it.
Factor: TypeAlias = "tuple[NDArray[Any], bool]"


class LeftOut(NamedTuple):
    """Errors of the fitted targets, each column with one group left out.

    Parameters
    ----------
    errors
        (number of fitted targets, n_groups), (estimate - target) / scale.
    mismatch
        (n_groups,), largest distance of a kept target from its optimum; errors are as rough.
    """

    errors: Columns
    mismatch: Vector


def leave_out(near: Neighbourhood, groups: Sequence[Mask]) -> LeftOut:
    """Leave each group of targets out of the solved problem, one at a time.

    Parameters
    ----------
    near
        The solved problem.
    groups
        bool (number of fitted targets,) each: the targets that are dropped together.

    Raises
    ------
    ValueError
        If a group is empty or leaves no target.

    Notes
    -----
    Takes 8 n_targets² bytes beside the Hessian and its factor.
    """
    for place, group in enumerate(groups):
        if not group.any() or group.all():
            raise ValueError(
                f"leave_out: group {place} has {np.count_nonzero(group)} of {group.size} fitted "
                "targets; a group has at least one, and leaves at least one"
            )
    inverse = near.inverse()
    found = [
        _batch(near, groups[first : first + _BATCH], inverse)
        for first in range(0, len(groups), _BATCH)
    ]
    empty = np.empty((near.goals.size, 0))
    return LeftOut(
        np.hstack([empty, *(batch.errors for batch in found)]),
        np.concatenate([np.empty(0), *(batch.mismatch for batch in found)]),
    )


def _batch(near: Neighbourhood, groups: Sequence[Mask], inverse: Columns) -> LeftOut:
    dropped = np.stack(groups, axis=1)
    # A group may be thousands of targets: it is factored once, not at every step.
    factors = [cho_factor(inverse[np.ix_(group, group)]) for group in groups]
    newton = Newton(
        near.problem,
        np.ones(near.goals.size, dtype=np.bool_),
        np.repeat(near.goals[:, None], dropped.shape[1], axis=1),
        np.ones((near.initial_weights.size, 1)),
        lambda residual: _without(inverse @ residual, dropped, inverse, factors),
        kept=np.where(dropped, 0.0, 1.0),
    )
    # To first order, the others take over what the group's multipliers did.
    start = np.repeat(near.multipliers[:, None], dropped.shape[1], axis=1)
    _, ratios, mismatch, _ = newton.climb(
        _without(start, dropped, inverse, factors), _TOLERANCE, _STEPS
    )
    errors = newton.matrix.T @ ratios - near.goals[:, None]
    return LeftOut(errors, mismatch)


def _without(
    change: Columns, dropped: NDArray[np.bool_], inverse: Columns, factors: Sequence[Factor]
) -> Columns:
    """Take from each column what would move its dropped multipliers."""
    kept = change.copy()
    for column, (group, factor) in enumerate(zip(dropped.T, factors, strict=True)):
        pull = cho_solve(factor, change[group, column])
        kept[:, column] -= inverse[:, group] @ pull
        kept[group, column] = 0.0
    return kept
