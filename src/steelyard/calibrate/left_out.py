"""What the rest of the targets says of a family or a state that is left out.

Each group's targets are dropped from the solved problem in turn, shares of the loss staying as
they are: their multipliers are held at 0, and the dual is climbed again from the answer's others.
What preconditions the answer's own Hessian is near enough for every group.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from steelyard.calibrate.config import Mask, Vector
from steelyard.calibrate.dual import climbed
from steelyard.calibrate.newton import Dual
from steelyard.calibrate.problem import Problem
from steelyard.calibrate.sampling import few_of
from steelyard.calibrate.threads import one_thread

#: Relative mismatch of a kept target at which a climb ends.
_TOLERANCE = 2e-3


class LeftOut(NamedTuple):
    """Errors of the fitted targets, each column with one group left out.

    Parameters
    ----------
    errors
        (number of fitted targets, n_groups), (estimate - target) / scale.
    mismatch
        (n_groups,), largest distance of a kept target from its optimum; errors are as rough.
    """

    errors: NDArray[np.float64]
    mismatch: Vector


def leave_out(
    problem: Problem,
    multipliers: Vector,
    groups: Sequence[Mask],
    progress: Callable[[str], None] | None = None,
) -> LeftOut:
    """Leave each group of targets out of a solved problem, one at a time.

    Parameters
    ----------
    problem
        The problem, without exact targets.
    multipliers
        (number of fitted targets,), its answer's.
    groups
        bool (number of fitted targets,) each: the targets that are dropped together.
    progress
        Told after each group how many are done.

    Raises
    ------
    ValueError
        If a group is empty or leaves no target.
    """
    for place, group in enumerate(groups):
        if not group.any() or group.all():
            raise ValueError(
                f"leave_out: group {place} has {np.count_nonzero(group)} of {group.size} fitted "
                "targets; a group has at least one, and leaves at least one"
            )
    config = replace(problem.config, tolerance=_TOLERANCE, settle=False)
    loose = replace(problem, config=config)
    errors = np.empty((multipliers.size, len(groups)))
    mismatch = np.empty(len(groups))
    with one_thread():
        start, whole = torch.from_numpy(multipliers), Dual(loose, few_of(loose))
        point = whole.started(start) or whole.origin()
        near = whole.preconditioner(point)
        for place, group in enumerate(groups):
            dual = Dual(loose, whole.few, left_out=torch.from_numpy(group), near=near)
            errors[:, place], mismatch[place] = _solved(dual, start)
            if progress is not None:
                progress(f"{place + 1} of {len(groups)} groups of targets left out")
    return LeftOut(errors, mismatch)


def _solved(dual: Dual, start: Tensor) -> tuple[Vector, float]:
    """Return all targets' errors, and the largest mismatch of one that may pull."""
    y = climbed(dual, dual.started(start) or dual.origin(), None).multipliers
    assert y is not None
    point = dual.at(y, dual.problem.free_numbers(y))
    ratios = dual.problem.link.ratio(point.u)
    errors: Vector = dual.problem.fitted.errors(ratios).numpy()
    return errors, dual.mismatch(point, dual.gradient(point, ratios))
