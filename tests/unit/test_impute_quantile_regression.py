"""The interior-point method finds what scikit-learn's linear programme finds."""

import numpy as np
import pytest
from sklearn.linear_model import QuantileRegressor

from steelyard.impute.quantile_regression import fit_quantile

RNG = np.random.default_rng(3)
COUNT = 300
KNOWN = np.column_stack([np.ones(COUNT), RNG.normal(size=(COUNT, 3)), RNG.integers(0, 2, COUNT)])
WEIGHTS = RNG.lognormal(0, 2, COUNT)
SMOOTH = KNOWN @ [1, 2, 0, -1, 3] + RNG.standard_t(2, COUNT) * (1 + KNOWN[:, 4])
MANY_ZEROS = np.where(RNG.random(COUNT) < 0.7, 0.0, np.exp(SMOOTH))


def loss(values: np.ndarray, coefficients: np.ndarray, level: float) -> float:
    error = values - KNOWN @ coefficients
    return float(np.average(np.maximum(level * error, (level - 1) * error), weights=WEIGHTS))


@pytest.mark.parametrize("level", [0.005, 0.5, 0.95])
@pytest.mark.parametrize("values", [SMOOTH, MANY_ZEROS], ids=["smooth", "many zeros"])
def test_loss_is_that_of_the_linear_programme(values: np.ndarray, level: float) -> None:
    found = fit_quantile(KNOWN, values, WEIGHTS, level)
    peer = QuantileRegressor(quantile=level, alpha=0, fit_intercept=False).fit(
        KNOWN, values, sample_weight=WEIGHTS
    )
    assert loss(values, found, level) <= loss(values, peer.coef_, level) * (1 + 1e-6) + 1e-9


def test_collinear_and_constant_columns_change_no_line() -> None:
    doubled = np.column_stack([KNOWN, KNOWN[:, 1], np.zeros(COUNT)])
    line = doubled @ fit_quantile(doubled, SMOOTH, WEIGHTS, 0.3)
    expected = KNOWN @ fit_quantile(KNOWN, SMOOTH, WEIGHTS, 0.3)
    np.testing.assert_allclose(line, expected, atol=1e-4)


def test_nothing_but_zeros() -> None:
    assert np.array_equal(fit_quantile(KNOWN, np.zeros(COUNT), WEIGHTS, 0.5), np.zeros(5))
