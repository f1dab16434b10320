"""The Trustees' path as finances ask for it: each year of one report, what is published first."""

import numpy as np
import pytest

from steelyard.panel.payments.outlook import fund_start, trustees_path
from steelyard.panel.published import default_published

PUBLISHED = default_published()


def test_the_funds_begin_with_what_the_supplement_says() -> None:
    # Annual Statistical Supplement 2025, Table 4.A3, both funds, million dollars.
    start = fund_start(PUBLISHED, 2022)
    assert (start.year, start.assets) == (2022, 2_829_887e6)
    assert start.administration_share == pytest.approx(7_447 / 1_471_373)
    assert start.railroad_share == pytest.approx(5_933 / 1_471_373)
    with pytest.raises(ValueError, match="2030"):
        fund_start(PUBLISHED, 2030)


def test_cost_is_published_and_then_the_intermediate_path() -> None:
    path = trustees_path(PUBLISHED, "intermediate")
    assert path.cost[2024] == 1_484_753e6  # Table 4.A3
    # Trustees 2025, single-year tables: 1,609 over 10,621 billion, the rate that they print, 15.15.
    assert path.cost[2025] == 1_609e9
    assert 100 * path.cost[2025] / path.taxable_payroll[2025] == pytest.approx(15.15, abs=0.01)
    assert path.taxed_share[2025] == pytest.approx(60.5397 / 1_609)
    years = np.arange(2022, 2061)
    for name in ("interest_factor", "taxed_share", "cost", "taxable_payroll", "covered_workers"):
        assert np.isfinite(path.needed(name, years.tolist())).all(), name


def test_another_scenario_is_compared_with_no_cost_that_is_not_its_own() -> None:
    path = trustees_path(PUBLISHED, "high_cost")
    assert max(path.cost) == max(path.taxable_payroll) == 2024
    assert path.taxed_share[2040] == trustees_path(PUBLISHED, "intermediate").taxed_share[2040]
    assert path.beneficiaries[2040] != trustees_path(PUBLISHED, "intermediate").beneficiaries[2040]
