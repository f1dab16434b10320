"""The neighbourhood of an answer that is kept in tables."""

import pyarrow as pa

from steelyard.calibrate.config import CalibrationConfig
from steelyard.calibrate.layout import Layout
from steelyard.calibrate.nearby import Neighbourhood


def near_answer(
    problem: Layout, households: pa.Table, multipliers: pa.Table, config: CalibrationConfig
) -> Neighbourhood:
    """Return the neighbourhood of a solved problem.

    Parameters
    ----------
    problem
        The problem, laid out.
    households
        Ordered by ``household_index``: ``calibrated_weight``.
    multipliers
        Ordered by ``position``: ``multiplier``, the answer's, of the targets, then the controls.
    config
        As it was solved with.
    """
    return Neighbourhood(
        problem.matrix,
        problem.targets,
        problem.initial_weights,
        households.column("calibrated_weight").to_numpy(),
        config,
        multipliers=multipliers.column("multiplier").to_numpy(),
        **problem.options,
    )
