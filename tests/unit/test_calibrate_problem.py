"""What solvers work on: each household's part of each scaled total, household by household."""

import numpy as np
import pytest
from scipy import sparse

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate import problem as layout
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.problem import problem_from

TARGETS, HOUSEHOLDS = 40, 101


@pytest.mark.parametrize("share_held_out", [0.0, 0.2, 0.8])
def test_each_part_of_a_total_is_value_times_weight_over_scale(
    share_held_out: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "_CHUNK", 7)
    rng = np.random.default_rng(1)
    dense = rng.uniform(1, 2, (TARGETS, HOUSEHOLDS)) * (rng.random((TARGETS, HOUSEHOLDS)) < 0.3)
    weights, scale = rng.uniform(1, 5, HOUSEHOLDS), rng.uniform(1, 9, TARGETS)
    held_out = np.arange(TARGETS) < share_held_out * TARGETS
    config = CalibrationConfig()
    given = {"scale": scale, "held_out": held_out}
    inputs = checked(sparse.csr_array(dense), dense @ weights, weights, config, given)
    problem = problem_from(inputs, config, np.float64)
    parts = (dense * weights / scale[:, None]).T
    # The same sums in another order: 1e-12.
    np.testing.assert_allclose(
        problem.fitted.contributions.toarray(), parts[:, ~held_out], rtol=1e-12
    )
    np.testing.assert_allclose(
        problem.held_out.contributions.toarray(), parts[:, held_out], rtol=1e-12
    )
    np.testing.assert_array_equal(inputs.matrix.toarray(), dense)
