"""A reform is compared with its baseline: nothing before it begins, and then for whom it says."""

from pathlib import Path

import ageing_fixture
import pyarrow.parquet as pq
import pytest

from steelyard.flows.accounts import write_accounts
from steelyard.flows.effect import EFFECT, WINNERS, write_effect
from steelyard.flows.partitions import AlteredPartitionError, Store
from steelyard.oasdi import default_parameters
from steelyard.panel.payments.reform import Reform

REFORM = {"name": "half", "from_year": 2024, "cola": {"minus": 2.0}, "payroll_tax_rate": 14.0}


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


def test_a_reform_moves_costs_from_its_year_on(
    panels: tuple[Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    write_effect(*panels, 2025)
    effect = pq.read_table(panels[1] / "imputation=1" / EFFECT, partitioning=None).to_pandas()
    assert effect["year"].tolist() == [2023, 2024, 2025]
    assert effect["cost_change"].iloc[0] == pytest.approx(0, abs=1)
    assert effect["cost_change"].iloc[2] < -1e9
    assert effect["taxable_payroll_change"].abs().max() == pytest.approx(0, abs=1)
    assert effect["income_rate_change"].iloc[1] == pytest.approx(1.6, abs=0.01)
    winners = pq.read_table(panels[1] / "imputation=1" / WINNERS, partitioning=None).to_pandas()
    assert winners["gain"].sum() == 0
    assert winners["lose"].sum() > 1e6
    assert "in 2025 the reform moves the cost rate by -" in "".join(capfd.readouterr())


def test_an_altered_year_is_not_compared(panels: tuple[Path, Path]) -> None:
    path = panels[1] / "imputation=1" / "year=2025" / "benefit.parquet"
    kept = path.read_bytes()
    path.write_bytes(kept[:-4] + b"PAR2")
    before = (panels[1] / "imputation=1" / EFFECT).read_bytes()
    with pytest.raises(AlteredPartitionError, match="is not what was written"):
        write_effect(*panels, 2025)
    assert (panels[1] / "imputation=1" / EFFECT).read_bytes() == before
    path.write_bytes(kept)
