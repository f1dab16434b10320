"""A reform is compared with its baseline: nothing before it begins, and then for whom it says."""

from pathlib import Path

import ageing_fixture
import pandas as pd
import pyarrow.parquet as pq
import pytest

from steelyard.flows.accounts import FINANCE, write_accounts
from steelyard.flows.effect import BALANCES, EFFECT, WINNERS, write_effect
from steelyard.flows.partitions import AlteredPartitionError, Store
from steelyard.oasdi import default_parameters
from steelyard.panel.payments.reform import Reform

REFORM = {"name": "half", "from_year": 2024, "cola": {"minus": 2.0}, "payroll_tax_rate": 14.0}
PLAN = ageing_fixture.plan()


@pytest.fixture(scope="module")
def panels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A baseline and a reform, with their accounts."""
    reform = Reform.from_mapping(REFORM)
    root = tmp_path_factory.mktemp("panels")
    for name, change in (("baseline", None), ("reform", reform)):
        plan = ageing_fixture.plan(change.law(default_parameters()) if change else None)
        store = Store(root / name)
        for year, tables in ageing_fixture.aged(plan).items():
            store.write(tables, imputation=1, year=year, key=f"{name}-{year}")
        write_accounts(store.root, plan, change)
    return root / "baseline", root / "reform"


def said(panel: Path, name: str) -> pd.DataFrame:
    return pq.read_table(panel / "imputation=1" / name, partitioning=None).to_pandas()


def test_a_reform_moves_costs_from_its_year_on(
    panels: tuple[Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    write_effect(*panels, PLAN, 2025)
    effect = said(panels[1], EFFECT).set_index("year")
    assert effect.index.tolist() == [2022, 2023, 2024, 2025]
    assert effect.loc[2023, "cost_change"] == pytest.approx(0, abs=1)
    assert effect.loc[2025, "cost_change"] < -1e9
    assert effect["taxable_payroll_change"].abs().max() == pytest.approx(0, abs=1)
    assert effect.loc[2024, "income_rate_change"] == pytest.approx(1.6, abs=0.01)
    winners = said(panels[1], WINNERS)
    assert set(winners["year"]) == {2025}
    assert winners["gain"].sum() == 0
    assert winners["lose"].sum() > 1e6
    told = "".join(capfd.readouterr())
    assert "in 2025 the reform moves the cost rate by -" in told
    assert "the actuarial balance of 2022 to 2025 from" in told


def test_panels_of_unequal_length_are_compared_as_far_as_both_go(
    panels: tuple[Path, Path], tmp_path: Path
) -> None:
    write_effect(*panels, PLAN, 2024)
    balances = said(panels[1], BALANCES)
    assert balances[["first_year", "last_year"]].to_numpy().tolist() == [[2022, 2024]]
    # Asked for is a year that neither has; the balance is of the years that both have.
    write_effect(*panels, PLAN, 2060)
    assert said(panels[1], EFFECT)["year"].max() == 2025
    row = said(panels[1], BALANCES).iloc[0]
    assert row["actuarial_balance_change"] == pytest.approx(
        row["income_rate_change"] - row["cost_rate_change"]
    )
    assert row["actuarial_balance_change"] > 0
    # An imputation without a baseline has nothing to be compared with.
    (tmp_path / "imputation=1").mkdir()
    write_effect(tmp_path / "nowhere", tmp_path, PLAN, 2025)
    assert list((tmp_path / "imputation=1").iterdir()) == []


def test_an_altered_year_is_not_compared(panels: tuple[Path, Path]) -> None:
    write_effect(*panels, PLAN, 2025)
    path = panels[1] / "imputation=1" / "year=2025" / "benefit.parquet"
    kept = path.read_bytes()
    path.write_bytes(kept[:-4] + b"PAR2")
    before = (panels[1] / "imputation=1" / EFFECT).read_bytes()
    with pytest.raises(AlteredPartitionError, match="is not what was written"):
        write_effect(*panels, PLAN, 2025)
    assert (panels[1] / "imputation=1" / EFFECT).read_bytes() == before
    path.write_bytes(kept)


def test_what_is_half_written_replaces_nothing(
    panels: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = panels[0] / "imputation=1"
    before = {path.name: path.read_bytes() for path in lane.glob("*.parquet")}
    write = pq.write_table
    written: list[Path] = []

    def fails(table: object, path: Path, **options: object) -> None:
        written.append(path)
        if len(written) == 2:
            path.write_bytes(b"PAR1")
            raise OSError(28, "No space left on device")
        write(table, path, **options)

    monkeypatch.setattr("steelyard.flows.beside.pq.write_table", fails)
    plan = ageing_fixture.plan(last_year=2031)
    with pytest.raises(RuntimeError, match="no space left"):
        write_accounts(panels[0], plan)
    assert written[0].name == FINANCE
    assert {path.name: path.read_bytes() for path in lane.glob("*.parquet")} == before
    assert not list(lane.glob(".unfinished-*"))
