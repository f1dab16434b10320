"""What the flow writes beside a reform's years is asked in SQL, and imputations are combined."""

import json
from collections.abc import Iterator
from contextlib import chdir

import duckdb
import pyarrow as pa
import pytest
from model_sql import Models

from steelyard.flows.beside import write_beside
from steelyard.flows.effect import BALANCES, EFFECT, WINNERS
from steelyard.panel.payments.benefits import SCHEMA
from steelyard.panel.payments.reform_effects import (
    COMPARED,
    balance_difference,
    finance_difference,
    winners_and_losers,
)
from steelyard.panel.payments.trust_fund import Balance
from steelyard.validate.uncertainty import combine_imputations

MODELS = (
    "val_panel_estimate",
    "val_panel_reform",
    "val_panel_reform_balance",
    "val_panel_reform_winner",
)
#: Balances under the reform of three imputations, and when their funds are exhausted.
REFORMED = ((-1.0, 2040), (-1.5, 2036), (-1.1, None))


def finance(cost_rate: float) -> pa.Table:
    values = dict.fromkeys(COMPARED, 1.0) | {"cost_rate": cost_rate, "balance_rate": -cost_rate}
    columns = {name: [value, 2 * value] for name, value in values.items()}
    return pa.table({"year": pa.array([2030, 2031], pa.int16())} | columns)


def winners() -> pa.Table:
    """A woman who gains, and a man who loses."""
    person = pa.table({"person_id": [1, 2], "is_female": [True, False], "weight": [30.0, 10.0]})
    laws = []
    for paid in ([900.0, 2_000.0], [990.0, 1_500.0]):
        known = {"person_id": [1, 2], "aime": [800.0, 9_000.0], "total_benefit": paid}
        laws.append(
            pa.table({field.name: pa.array(known.get(field.name, [None] * 2), field.type)
                      for field in SCHEMA})
        )  # fmt: skip
    return winners_and_losers(person, *laws)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    checkout = tmp_path_factory.mktemp("checkout")
    root = checkout / "panels" / "demo" / "2022-0123456789"
    for number, (balance, gone) in enumerate(REFORMED, start=1):
        before = Balance(2023, 2031, 14.0, 16.0, -2.0, 2034)
        after = Balance(2023, 2031, 14.0, 14.0 - balance, balance, gone)
        year = pa.array([2031] * 12, pa.int16())
        write_beside(
            root / f"imputation={number}",
            {
                EFFECT: finance_difference(finance(15.0), finance(15.0 - number)),
                BALANCES: balance_difference(before, after),
                WINNERS: winners().add_column(0, "year", year),
            },
        )
    said = {"panel": root.name, "scenario": "intermediate", "reform": "less.yml", "seed": 7}
    (root / "manifest.json").write_text(json.dumps(said | {"release": "2022-abcdef"}))
    (root.parent / "latest").symlink_to(root.name)
    with duckdb.connect() as connection, chdir(checkout):
        found = Models(connection)
        found.build(*MODELS)
        yield found


def test_a_reform_is_told_by_year_and_by_horizon(models: Models) -> None:
    assert models.ask(
        "select imputation, panel_year, baseline_cost_rate, reform_cost_rate, cost_rate_change "
        "from val_panel_reform where panel_year = 2031 order by all"
    ) == [(number, 2031, 30.0, 30.0 - 2 * number, -2.0 * number) for number in (1, 2, 3)]
    assert models.ask(
        "select actuarial_balance_change, baseline_depletion_year, reform_depletion_year "
        "from val_panel_reform_balance order by imputation"
    ) == [(1.0, 2034, 2040), (0.5, 2034, 2036), (pytest.approx(0.9), 2034, None)]


def test_gains_and_losses_are_told_by_sex_and_fifth(models: Models) -> None:
    found = models.ask(
        "select sex, earnings_fifth, persons, gaining_persons, losing_persons, "
        "benefit_change_share from val_panel_reform_winner where imputation = 2 and persons > 0 "
        "order by sex"
    )
    assert [row[:5] for row in found] == [("female", 2, 30, 30, 0), ("male", 5, 10, 0, 10)]
    assert [row[5] for row in found] == pytest.approx([0.1, -0.25])
    assert models.ask(
        "select count(*), count(benefit_change_share) from val_panel_reform_winner"
    ) == [(36, 6)]


def test_imputations_are_combined_by_rubins_rules(models: Models) -> None:
    balances = [balance for balance, _ in REFORMED]
    expected = combine_imputations(balances, [0.0] * 3)
    ((unit, count, mean, error, lower, lowest),) = models.ask(
        "select unit, imputation_count, mean_value, standard_error, lower_value, lowest_value "
        "from val_panel_estimate where figure = 'reform_actuarial_balance'"
    )
    assert (unit, count, lowest) == ("percent of taxable payroll", 3, -1.5)
    assert mean == pytest.approx(expected.estimate)
    assert error == pytest.approx(expected.standard_error)
    # Student's t of two degrees of freedom.
    assert expected.degrees_of_freedom == 2
    assert lower == pytest.approx(mean - 4.3027 * error)
    # Two of three are exhausted; a figure that never varies has no error, and each year its own.
    assert models.ask(
        "select imputation_count, mean_value from val_panel_estimate "
        "where figure = 'reform_depletion_year'"
    ) == [(2, 2038.0)]
    assert models.ask(
        "select panel_year, mean_value, standard_error from val_panel_estimate "
        "where figure = 'income_rate_change' order by panel_year"
    ) == [(2030, 0.0, 0.0), (2031, 0.0, 0.0)]
    assert models.ask(
        "select mean_value from val_panel_estimate where figure = 'cost_rate_change' "
        "order by panel_year"
    ) == [(-2.0,), (-4.0,)]
