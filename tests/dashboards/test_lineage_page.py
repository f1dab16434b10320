"""The page on lineage leads from a figure to its row, its models and its raw files."""

from pathlib import Path

import dashboard_release
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "lineage.py"
MODELS = {
    "cal_achievement": ["cal_matrix", "tgt_reconciled"],
    "cal_matrix": ["survey.person", "params_limit"],
    "tgt_reconciled": ["tgt_fact"],
    "tgt_fact": ["snap_fact"],
    "snap_fact": ["facts.fact"],
    "val_summary": ["survey.person"],
}
KINDS = {
    "survey.person": "source",
    "facts.fact": "source",
    "params_limit": "seed",
    "snap_fact": "snapshot",
}


def file_of(node: str) -> str:
    return "" if KINDS.get(node) == "source" else f"models/{node}.sql"


def lineage() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "node": node,
                "node_kind": KINDS.get(node, "model"),
                "node_file": file_of(node),
                "parent": parent,
                "parent_kind": KINDS.get(parent, "model"),
                "parent_file": file_of(parent),
            }
            for node, parents in MODELS.items()
            for parent in parents
        ]
    )


def write(root: Path, *, ways: pd.DataFrame | None) -> Path:
    facts = dashboard_release.tables()["target"].assign(
        vintage="2024", growth_factor=[None, 1.25, None], growth_source=[None, "CBO", None]
    )
    figures = dashboard_release.tables()["val_headline"]
    figures = figures.assign(target_id=["one"] + [None] * (len(figures) - 1))
    source = {
        "source": ["steelyard.survey.person", "steelyard.facts.fact"],
        "title": ["Persons", "Facts"],
        "producer": "Census",
        "vintage": "2023",
        "raw_file": ["person.csv", "facts.csv"],
        "raw_sha256": ["a" * 64, "b" * 64],
        "row_count": 5,
        "is_synthetic": True,
        "url": "https://example.org/file",
    }
    return dashboard_release.write(
        root,
        target=facts,
        val_headline=figures,
        lineage=ways,
        build_source=pd.DataFrame(source),
        build_file=pd.DataFrame(
            {
                "file": ["seeds/facts/facts.csv", "models/cal_matrix.sql"],
                "byte_count": 10,
                "sha256": ["c" * 64, "d" * 64],
            }
        ),
        build_info=pd.DataFrame({"target_snapshot_id": ["snapshot-of-the-test"]}),
    )


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=120).run()
    assert not shown.exception
    return shown


def frame(shown: AppTest, column: str) -> pd.DataFrame:
    (found,) = (each.value for each in shown.dataframe if column in each.value.columns)
    return found


def words(shown: AppTest) -> str:
    return "\n".join(str(each.value) for each in shown.markdown)


def choose(shown: AppTest, key: str, wanted: str) -> None:
    box = shown.selectbox(key=key)
    (label,) = (option for option in box.options if wanted in option)
    box.select(label).run()
    assert not shown.exception


def test_a_headline_leads_to_its_row_its_models_and_its_raw_files(root: Path) -> None:
    write(root, ways=lineage())
    shown = page()
    (label,) = (row.label for row in dashboard_release.headline().head(1).itertuples())
    choose(shown, "headline", label)
    said = words(shown)
    assert "`seeds/facts/facts.csv:2`" in said
    assert "c" * 64 in said
    assert "`snapshot-of-the-test`" in said
    assert "https://example.org/published" in said
    way = frame(shown, "kind").set_index("node")
    assert dict(way["step"]) == {
        "cal_achievement": 0,
        "cal_matrix": 1,
        "tgt_reconciled": 1,
        "params_limit": 2,
        "survey.person": 2,
        "tgt_fact": 2,
        "snap_fact": 3,
        "facts.fact": 4,
    }
    assert way.loc["cal_matrix", "sha256"] == "d" * 64
    assert set(frame(shown, "raw_file")["raw_file"]) == {"person.csv", "facts.csv"}


def test_the_published_figure_has_a_shorter_way(root: Path) -> None:
    write(root, ways=lineage())
    shown = page()
    shown.selectbox(key="cell").set_value("published_value").run()
    assert list(frame(shown, "kind")["node"]) == ["tgt_fact", "snap_fact", "facts.fact"]
    assert list(frame(shown, "raw_file")["raw_file"]) == ["facts.csv"]


def test_a_benchmark_leads_to_what_ours_is_made_from(root: Path) -> None:
    write(root, ways=lineage())
    shown = page()
    row = dashboard_release.headline().iloc[-1]
    choose(shown, "headline", row["label"])
    said = words(shown)
    assert f"row `{row['seed_file']}:{row['seed_line']}`" in said
    assert list(frame(shown, "kind")["node"]) == ["val_summary", "survey.person"]


def test_any_target_is_found_by_words(root: Path) -> None:
    write(root, ways=lineage())
    shown = page()
    shown.radio(key="kind").set_value("Target").run()
    shown.text_input(key="words").input("historic table 2").run()
    assert len(shown.selectbox(key="target").options) == 1
    said = words(shown)
    assert "`seeds/facts/facts.csv:3`" in said
    assert "**Aged by** 1.2500, CBO" in said
    shown.text_input(key="words").input("unheard of").run()
    assert "No published figure has 'unheard of'" in shown.info[0].value


def test_a_release_without_lineage_is_named(root: Path) -> None:
    write(root, ways=None)
    message = page().error[0].value
    assert "Build it again with this one" in message
    assert "join lineage" in message
