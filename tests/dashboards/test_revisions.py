"""The page on revisions lists what was published otherwise in an earlier release."""

from pathlib import Path

import dashboard_release
import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from steelyard.release import write_release

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "revisions.py"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def release(root: Path, **changes: object) -> Path:
    facts = dashboard_release.tables()["target"].assign(
        period=2022,
        period_type="tax_year",
        entity="tax_unit",
        universe="filers",
        statistic="amount",
        all_constraints="",
        vintage="2024",
        assertion="published",
    )
    manifest = {
        "build_target": "demo",
        "income_year": 2022,
        "is_synthetic": True,
        "synthetic_sources": "demo_scf",
        "sources": dashboard_release.sources(),
    }
    with duckdb.connect() as connection:
        tables = {"target": connection.from_df(facts.assign(**changes))}
        return write_release(root / "releases" / "demo", tables, manifest)[0]


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not shown.exception
    return shown


def listed(shown: AppTest) -> pd.DataFrame:
    (table,) = (element.value for element in shown.dataframe)
    return table


def test_a_revised_figure_stands_beside_the_one_before(root: Path) -> None:
    first = release(root)
    second = release(root, published_value=[100.0, 250.0, 300.0], target_id=["one", "two", "four"])
    shown = page()
    assert {each.label: each.value for each in shown.metric} == {
        "Revised": "1",
        "Gained": "1",
        "Lost": "1",
    }
    row = listed(shown).iloc[0]
    assert (row["target_id"], row["publisher"], row["value_before"], row["value_after"]) == (
        "two",
        "IRS SOI",
        200.0,
        250.0,
    )
    assert row["relative_change"] == 0.25
    assert f"Published figures of {first.name} and {second.name}" in shown.caption[0].value
    shown.button_group(key="kinds").set_value(["gained", "lost"]).run()
    assert dict(zip(listed(shown)["target_id"], listed(shown)["change"], strict=True)) == {
        "four": "gained",
        "three": "lost",
    }


def test_the_reader_chooses_since_when(root: Path) -> None:
    first = release(root)
    release(root, published_value=[100.0, 250.0, 300.0])
    release(root, published_value=[101.0, 250.0, 300.0])
    shown = page()
    options = shown.selectbox(key="before").options
    assert len(options) == 2
    assert all(" UTC · 2022-" in option for option in options)
    (label,) = (option for option in options if first.name in option)
    shown.selectbox(key="before").select(label).run()
    assert list(listed(shown)["target_id"]) == ["one", "two"]


def test_a_single_release_says_how_to_get_another(root: Path) -> None:
    only = release(root)
    assert f"`{only.name}` is the only release of `demo`" in page().info[0].value


def test_without_a_release_the_page_says_how_to_make_one(root: Path) -> None:
    assert "make release" in page().error[0].value


def test_an_altered_release_is_named(root: Path) -> None:
    first = release(root)
    release(root, published_value=[100.0, 250.0, 300.0])
    (first / "target.parquet").write_bytes(b"")
    assert "target.parquet" in page().error[0].value
