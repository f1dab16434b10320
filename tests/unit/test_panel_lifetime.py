"""Lifetime averages of lives, and their quantiles among the scores of the ways to draw lives."""

from dataclasses import dataclass

import ageing_fixture
import numpy as np
import pytest

from steelyard.impute import ImputeConfig
from steelyard.oasdi import aime, default_parameters
from steelyard.panel.histories import holdout, scores
from steelyard.panel.histories.dollars import EarningsScale
from steelyard.panel.histories.lifetime import LEAST_KNOWN, averages_by, scale_of_years
from steelyard.panel.histories.tables import lives_of_table
from steelyard.panel.lives import FIRST_AGE, Lives

LAW = default_parameters()


@pytest.fixture(scope="module")
def scale() -> EarningsScale:
    return scale_of_years(ageing_fixture.person_years(), LAW)


@pytest.fixture(scope="module")
def lives() -> Lives:
    return lives_of_table(ageing_fixture.person_years())


def test_an_average_is_the_engines_of_the_years_at_work(scale: EarningsScale, lives: Lives) -> None:
    found = averages_by(scale, LAW)(lives)
    row = int(np.flatnonzero(found > 0)[0])
    born, female = int(lives.people.birth_year[row]), lives.people.female[row]
    dollars = np.zeros(born + 62 - 1951)
    for age in range(FIRST_AGE, 62):
        at = age - FIRST_AGE
        if lives.worked[row, at] == 1:
            rank = [float(lives.rank[row, at])]
            worth = scale.dollars(rank, [female], [age], [born + age])
            dollars[born + age - 1951] = worth[0]
    told = aime(dollars, first_year=1951, birth_year=born, eligibility_year=born + 62)
    assert found[row] == told[0]


def test_short_lives_and_those_of_another_law_have_none(scale: EarningsScale, lives: Lives) -> None:
    worked, born = lives.worked.copy(), lives.people.birth_year.copy()
    counted = slice(22 - FIRST_AGE, 62 - FIRST_AGE)
    worked[0, counted] = -1
    worked[0, counted][: LEAST_KNOWN - 1] = 1
    worked[1, counted] = 1
    worked[2, counted] = 1
    born[:2], born[2] = 1950, 1916
    rank = np.where(worked == 1, 0.5, np.nan).astype(np.float32)
    people = type(lives.people)(
        *(born if name == "birth_year" else getattr(lives.people, name)
          for name in lives.people.__dataclass_fields__)
    )  # fmt: skip
    found = averages_by(scale, LAW)(Lives(people, lives.family, worked, rank))
    assert np.isnan(found[[0, 2]]).all()
    assert found[1] > 1_000


def test_the_middle_worker_of_a_year_earns_ssas_median(scale: EarningsScale) -> None:
    worth = scale.dollars([0.5, 0.5], [False, True], [42, 42], [2005, 2005])
    np.testing.assert_allclose(worth, [39_016, 24_583], rtol=0.02)


@dataclass
class Knows:
    """A way that knows the true lives, and perhaps makes them richer or poorer."""

    true: Lives
    richer: float = 0.0

    def complete(self, lives: Lives, seed: int, ages: tuple[int, int]) -> Lives:
        row = np.searchsorted(self.true.people.person_id, lives.people.person_id)
        known = self.true.take(row)
        return Lives(
            known.people, known.family, known.worked, np.clip(known.rank + self.richer, 0.001, 0.99)
        )


def test_scores_tell_drawn_quantiles_from_true_ones(scale: EarningsScale, lives: Lives) -> None:
    config = ImputeConfig(name="lifetime", seed=3, trees=2)
    found = holdout.judge(
        "panel",
        lives,
        config,
        lambda donors, config: {"true": Knows(lives), "richer": Knows(lives, 0.2)},
        averages_by(scale, LAW),
    ).to_pandas()
    together = found[found["part"] == holdout.TOGETHER]
    rows = together[together["statistic"].str.startswith("aime")].set_index(["method", "statistic"])
    names = [f"aime_p{percent}" for percent in (10, 25, 50, 75, 90)]
    assert rows.loc["true"].index.tolist() == names
    np.testing.assert_allclose(rows.loc["true"]["drawn_ratio"], 1.0)
    assert (rows.loc["richer"]["drawn_ratio"] > 1.05).all()
    assert (np.diff(rows.loc["true"]["held_out_value"]) > 0).all()
    rates = found[found["statistic"] == "share_at_work"].dropna()
    np.testing.assert_allclose(rates["drawn_ratio"], rates["drawn_value"] / rates["held_out_value"])
    apart = found[found["statistic"] == "transition_distance"]
    assert apart["drawn_ratio"].isna().all()


def test_without_dollars_there_are_no_quantiles(lives: Lives) -> None:
    config = ImputeConfig(name="lifetime", seed=3, trees=2)
    found = holdout.judge("panel", lives, config, lambda donors, config: {"true": Knows(lives)})
    assert not any(name.startswith("aime") for name in found["statistic"].to_pylist())


def test_a_quantile_of_nobody_is_none() -> None:
    assert np.isnan(scores.quantile(np.full(2, np.nan), np.ones(2), 0.5))
    assert scores.quantile(np.array([np.nan, 3.0]), np.ones(2), 0.5) == 3.0
