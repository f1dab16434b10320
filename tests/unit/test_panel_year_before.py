"""The December before the base year: nothing of that year has happened yet."""

from typing import Any

import ageing_fixture
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from steelyard.flows.accounts import Accounts
from steelyard.oasdi import NEVER
from steelyard.panel.begin import begin
from steelyard.panel.payments.finance import TOTALS, finances
from steelyard.panel.payments.outlook import fund_start, trustees_path
from steelyard.panel.year_before import total_before

PLAN = ageing_fixture.plan()
BASE = ageing_fixture.BASE_YEAR


@pytest.fixture(scope="module")
def made() -> dict[str, pa.Table]:
    return begin(ageing_fixture.base(), PLAN, 1)


def row(made: dict[str, pa.Table]) -> dict[str, Any]:
    (found,) = total_before(made, PLAN).to_pylist()
    return found


def changed(made: dict[str, pa.Table], **columns: Any) -> dict[str, pa.Table]:
    """Return the tables with other columns of persons."""
    person = made["person"]
    for name, values in columns.items():
        at = person.column_names.index(name)
        person = person.set_column(at, name, pa.array(values))
    return made | {"person": person}


def test_the_total_of_the_base_has_the_year_before_it(made: dict[str, pa.Table]) -> None:
    total = made["total"]
    assert total.schema == TOTALS
    before, now = total.to_pylist()
    assert (before["year"], now["year"]) == (BASE - 1, BASE)
    assert before == row(made)
    # Residents are those of the year, as published; the increase of December 2022 was 8.7 %.
    assert before["population"] == pytest.approx(PLAN.population(BASE - 1).sum(), rel=1e-3)
    assert 1.087 < now["monthly_benefits"] / before["monthly_benefits"] < 1.16
    assert before["beneficiaries"] == pytest.approx(now["beneficiaries"], rel=0.05)


def test_who_claims_in_the_base_year_was_not_paid_before(made: dict[str, pa.Table]) -> None:
    begins, before = BASE * 12, row(made)
    claim, born = (made["person"][f"{name}_month"].to_numpy() for name in ("claim", "birth"))
    of_year = (claim >= begins) & (claim < begins + 12) & (claim < born + 69 * 12)
    assert of_year.sum() > 20
    later = row(changed(made, claim_month=np.where(of_year, claim + 12, claim)))
    assert later == before
    earlier = np.where(of_year & (born + 63 * 12 < begins), begins - 1, claim)
    sooner = row(changed(made, claim_month=earlier))
    assert sooner["monthly_benefits"] > before["monthly_benefits"]


def test_survivors_claim_by_the_rule_of_every_year(made: dict[str, pa.Table]) -> None:
    claim = made["person"]["widow_claim_month"].to_numpy()
    assert (claim < NEVER).any()
    # The base has them claim in its first month; they were there a year before.
    without = row(made | {"marriage": made["marriage"].slice(0, 0)})
    assert without["monthly_benefits"] < 0.98 * row(made)["monthly_benefits"]


def test_a_divorce_of_the_base_year_lies_ahead_and_a_wedding_too(
    made: dict[str, pa.Table],
) -> None:
    marriage = made["marriage"]
    divorced = pc.equal(marriage["ended_by"], 1)
    assert pc.sum(divorced).as_py() > 100
    before = row(made)

    def with_column(name: str, values: pa.Array) -> dict[str, Any]:
        at = marriage.column_names.index(name)
        return row(made | {"marriage": marriage.set_column(at, name, values)})

    # Divorced in the base year, they were married in December, and some are paid as such.
    ended = pc.if_else(divorced, BASE * 12, marriage["end_month"])
    assert with_column("end_month", ended)["monthly_benefits"] != before["monthly_benefits"]
    # Married in the base year is not married yet: no spouse and no survivor is paid.
    started = pa.chunked_array([np.full(marriage.num_rows, BASE * 12)])
    assert with_column("start_month", started)["monthly_benefits"] < before["monthly_benefits"]


def test_the_cost_of_the_base_year_is_told_beside_the_published_one(
    made: dict[str, pa.Table],
) -> None:
    start = fund_start(PLAN.published, BASE - 1)
    # SSA, Annual Statistical Supplement 2025, Table 4.A3: at the end of 2021, and outgo of 2022.
    assert start.assets == 2_852_030e6
    trustees = trustees_path(PLAN.published, PLAN.scenario)
    found = finances(made["total"], PLAN.law, start=start, trustees=trustees)
    assert found["year"].to_pylist() == [BASE]
    payroll = PLAN.taxable_payroll(BASE)
    assert found["trustees_cost_rate"][0].as_py() == pytest.approx(1_243_925e8 / payroll)
    assert found["cost_rate"][0].as_py() == pytest.approx(13.6, abs=1.5)
    assert Accounts(found, PLAN).balance.first_year == BASE
