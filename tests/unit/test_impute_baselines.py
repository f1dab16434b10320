"""Baselines against cases by hand, and the laws that every imputer keeps."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from steelyard.impute.baselines import BASELINES, CellHotDeck, LeastSquares, NearestHotDeck
from steelyard.impute.evaluation import weighted_quantile

RNG = np.random.default_rng(8)
COUNT = 400
DONORS = pd.DataFrame(
    {
        "age": RNG.integers(20, 80, COUNT),
        "wage": np.where(RNG.random(COUNT) < 0.3, 0.0, RNG.lognormal(10, 1, COUNT)),
        "weight": RNG.lognormal(0, 1, COUNT),
    }
).assign(
    wealth=lambda table: table["wage"] * RNG.lognormal(0, 1, COUNT) - 5_000,
    debts=lambda table: np.where(RNG.random(COUNT) < 0.4, 0, 100 * table["age"]),
)
RECIPIENTS = DONORS[["age", "wage"]].iloc[:50].assign(id=np.arange(50) + 7)
KNOWN, TARGETS = ("age", "wage"), ("wealth", "debts")


@pytest.fixture(params=BASELINES)
def fitted(request: pytest.FixtureRequest):
    return BASELINES[request.param].fit(DONORS, KNOWN, TARGETS, "weight")


def test_draws_belong_to_keys(fitted) -> None:
    drawn = fitted.draw(RECIPIENTS, seed=4, key="id")
    assert list(drawn) == list(TARGETS) and drawn.index.equals(RECIPIENTS.index)
    turned = RECIPIENTS.iloc[::-1].iloc[5:]
    pd.testing.assert_frame_equal(fitted.draw(turned, seed=4, key="id"), drawn.loc[turned.index])


def test_another_seed_is_another_draw(fitted, request: pytest.FixtureRequest) -> None:
    same = fitted.draw(RECIPIENTS, seed=4, key="id").equals(fitted.draw(RECIPIENTS, seed=5))
    assert same == ("mean" in request.node.callspec.id)


def test_arrow_in_arrow_out(fitted) -> None:
    drawn = fitted.draw(pa.Table.from_pandas(RECIPIENTS), seed=4, key="id")
    assert isinstance(drawn, pa.Table)
    assert drawn.to_pandas().equals(
        fitted.draw(RECIPIENTS.reset_index(drop=True), seed=4, key="id")
    )


def test_draws_come_from_the_distribution_that_quantiles_tell(fitted) -> None:
    one = RECIPIENTS.iloc[[3] * 4_000].assign(id=np.arange(4_000))
    drawn = fitted.draw(one, seed=0, key="id")
    levels = np.array([0.1, 0.3, 0.5, 0.8])
    for target, found in fitted.quantiles(one.iloc[:1], levels).items():
        for level, value in zip(levels, found[0], strict=True):
            slack = 1e-6 * abs(value)
            assert (drawn[target] < value - slack).mean() <= level + 0.03
            assert (drawn[target] <= value + slack).mean() >= level - 0.03


def test_donors_without_weight_stand_for_nobody(fitted, request) -> None:
    name = next(name for name in BASELINES if f"[{name}]" in request.node.name)
    ghosts = DONORS.assign(weight=0.0, wealth=1e9)
    again = BASELINES[name].fit(pd.concat([DONORS, ghosts]), KNOWN, TARGETS, "weight")
    pd.testing.assert_frame_equal(again.draw(RECIPIENTS, seed=1), fitted.draw(RECIPIENTS, seed=1))


def test_cells_give_up_the_predictor_that_says_least() -> None:
    donors = pd.DataFrame(
        {
            "first": [0, 0, 0, 0, 1, 1],
            "second": [0, 0, 1, 1, 0, 1],
            "value": [1, 2, 3, 4, 5, 6],
        }
    )
    fitted = CellHotDeck(least=2).fit(donors, ["second", "first"], ["value"])
    asked = pd.DataFrame({"first": [0, 0, 1, 7], "second": [0, 1, 0, 0]})
    found = fitted.quantiles(asked, [0.01, 1.0])["value"]
    # Full cells, then both of first = 1; a code beyond the donors' falls into the last bin.
    assert found.tolist() == [[1, 2], [3, 4], [5, 6], [5, 6]]
    everybody = CellHotDeck(least=5).fit(donors, ["first", "second"], ["value"])
    assert everybody.quantiles(asked.iloc[[2]], [0.01, 1.0])["value"].tolist() == [[1, 6]]


def test_cells_cut_amounts_at_weighted_quantiles() -> None:
    donors = pd.DataFrame({"wage": np.arange(100.0), "w": 1.0, "value": np.arange(100)})
    fitted = CellHotDeck(bins=4, least=1).fit(donors, ["wage"], ["value"], "w")
    found = fitted.quantiles(pd.DataFrame({"wage": [0.0, 24.5, 99.0]}), [0.001, 1.0])["value"]
    assert found.tolist() == [[0, 24], [25, 49], [75, 99]]


def test_nearest_donors_are_near() -> None:
    fitted = NearestHotDeck(nearest=3).fit(DONORS.assign(value=DONORS["age"]), ["age"], ["value"])
    found = fitted.quantiles(RECIPIENTS, [0.001, 1.0])["value"]
    assert np.abs(found - RECIPIENTS[["age"]].to_numpy()).max() <= 2


def test_least_squares_by_hand() -> None:
    donors = pd.DataFrame({"x": [0.0, 0, 2, 2], "y": [1.0, 3, 5, 9], "w": [3.0, 1, 1, 1]})
    fitted = LeastSquares().fit(donors, ["x"], ["y"], "w")
    # Weighted means 1.5 at 0 and 7 at 2; residuals -0.5 (weight 3), 1.5, -2 and 2.
    found = fitted.quantiles(pd.DataFrame({"x": [0.0, 1, 2]}), [0.5, 1.0])["y"]
    np.testing.assert_allclose(found, [[1, 3.5], [3.75, 6.25], [6.5, 9]])


def test_asinh_stays_within_what_donors_have() -> None:
    donors = pd.DataFrame({"x": [0.0, 1, 2, 3], "y": [-10.0, 0, 1_000, 5_000]})
    fitted = LeastSquares(is_asinh=True).fit(donors, ["x"], ["y"])
    found = fitted.quantiles(pd.DataFrame({"x": [-9.0, 9]}), [0.5])["y"]
    np.testing.assert_allclose(found, [[-10], [5_000]])


def test_the_unconditional_model_tells_the_donors_quantiles() -> None:
    fitted = BASELINES["unconditional"].fit(DONORS, KNOWN, TARGETS, "weight")
    found = fitted.quantiles(RECIPIENTS, [0.2, 0.99])["wealth"]
    expected = weighted_quantile(DONORS["wealth"], DONORS["weight"], [0.2, 0.99])
    assert (found == expected).all()


def test_no_targets_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one target"):
        BASELINES["hot_deck"].fit(DONORS, KNOWN, [], "weight")
