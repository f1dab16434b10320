"""The page on two releases says what differs: figures, variables, targets, gates, costs."""

import json
from pathlib import Path

import dashboard_release
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "compare.py"
FACT = {
    "period": 2022,
    "period_type": "tax_year",
    "entity": "tax_unit",
    "universe": "filers",
    "statistic": "amount",
    "all_constraints": "",
    "vintage": "2024",
    "assertion": "published",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def release(
    root: Path, day: int, income: float = 10.0, seconds: float = 10.0, **targets: object
) -> Path:
    """Write a release of the nth day; keywords are columns of its targets."""
    people = pd.DataFrame(
        {
            "household_id": [1, 2, 3, 4],
            "calibrated_weight": [1.0, 1.0, 1.0, 2.0],
            "weight_ratio": [0.1, 0.9, 1.1, 10.0],
            "income": [income, 20.0, 30.0, 40.0],
        }
    )
    stages = pd.DataFrame(
        {
            "stage": ["cal_solution", "household"],
            "layer": ["calibration", "marts"],
            "kind": "model",
            "node_count": 1,
            "seconds": [seconds, 1.0],
            "peak_bytes": 2_000_000_000,
            "grown_bytes": 1_000_000_000,
            "row_count": [4, 4],
            "is_remembered": False,
        }
    )
    facts = dashboard_release.tables()["target"].assign(**FACT).assign(**targets)
    made = dashboard_release.write(root, target=facts, household=people, build_stage=stages)
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["made"]["at"] = f"2026-11-0{day}T10:00:00+00:00"
    text = json.dumps(manifest)
    (made / "manifest.json").write_text(text)
    dashboard_release.resum(made)
    return made


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=120).run()
    assert not shown.exception
    return shown


def metrics(shown: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in shown.metric}


def frame(shown: AppTest, column: str) -> pd.DataFrame:
    (found,) = (each.value for each in shown.dataframe if column in each.value.columns)
    return found


def test_the_latest_stands_beside_the_one_before(root: Path) -> None:
    first = release(root, 1)
    second = release(
        root,
        2,
        income=15.0,
        seconds=20.0,
        published_value=[100.0, 250.0, 300.0],
        target_id=["one", "two", "four"],
    )
    shown = page()
    assert metrics(shown) == {
        "Columns changed": "1",
        "Targets revised": "1",
        "Targets gained": "1",
        "Targets lost": "1",
        "Gates that differ": "0",
    }
    assert shown.selectbox(key="old").value == first.name
    assert shown.selectbox(key="new").value == second.name
    (income,) = frame(shown, "records_changed").to_dict("records")
    assert (income["column_name"], income["records_changed"]) == ("income", 1)
    assert (income["old_total"], income["new_total"], income["distance"]) == (140.0, 145.0, 0.2)
    changes = frame(shown, "value_before").set_index("target_id")["change"]
    assert dict(changes) == {"two": "revised", "four": "gained", "three": "lost"}
    shown.button_group(key="kinds").set_value(["revised"]).run()
    (row,) = frame(shown, "value_before").to_dict("records")
    assert (row["value_before"], row["value_after"], row["relative_change"]) == (200.0, 250.0, 0.25)
    (warning,) = (each.value for each in shown.warning)
    assert "`cal_solution` (slower)" in warning
    assert "household" not in warning
    assert not shown.code
    shown.toggle(key="draft").set_value(True).run()
    assert "### Data: `demo` from" in shown.code[-1].value


def test_the_reader_chooses_the_pair_and_sees_what_leads_to_it(root: Path) -> None:
    made = [release(root, day, income=10.0 * day) for day in (1, 2, 3)]
    (root / "releases" / "demo" / "stable").symlink_to(made[0].name)
    shown = page()
    assert shown.selectbox(key="old").value == made[0].name, "stable, where there is one"
    labels = shown.selectbox(key="old").options
    assert [label.split(" · ")[2:] for label in labels] == [["latest"], [], ["stable"]]
    shown.selectbox(key="old").set_value(made[1].name).run()
    assert not shown.exception
    assert frame(shown, "records_changed").loc[0, "old_total"] == 150.0


def test_a_release_beside_itself_is_no_comparison(root: Path) -> None:
    release(root, 1)
    second = release(root, 2, income=11.0)
    shown = page()
    shown.selectbox(key="old").set_value(second.name).run()
    assert "Choose two different releases" in shown.info[0].value


def test_nothing_that_grew_is_said_to_have_grown(root: Path) -> None:
    release(root, 1)
    release(root, 2, income=11.0)
    shown = page()
    assert not shown.warning
    assert "No stage took 25% more" in shown.success[0].value


def test_a_single_release_says_how_to_get_another(root: Path) -> None:
    only = release(root, 1)
    assert f"`{only.name}` is the only release of `demo`" in page().info[0].value


def test_without_a_release_the_page_says_how_to_make_one(root: Path) -> None:
    assert "make release" in page().error[0].value


def test_an_altered_release_is_named(root: Path) -> None:
    first = release(root, 1)
    release(root, 2, income=11.0)
    (first / "target.parquet").write_bytes(b"")
    assert "target.parquet" in page().error[0].value


def test_a_release_that_does_not_say_what_it_took_is_named(root: Path) -> None:
    first = release(root, 1)
    release(root, 2, income=11.0)
    (first / "build_stage.parquet").unlink()
    dashboard_release.resum(first)
    shown = page()
    assert any("there is no build_stage.parquet" in each.value for each in shown.info)
    assert metrics(shown)["Columns changed"] == "1"
