"""The overview shows what a release says, and says in one message why it cannot."""

from pathlib import Path

import dashboard_release
import pytest
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "overview.py"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not shown.exception
    return shown


def test_an_invented_world_is_marked_and_names_its_sources(root: Path) -> None:
    dashboard_release.write(root)
    shown = page()
    assert "no figure here describes the United States" in shown.warning[0].value
    assert "demo_scf" in shown.warning[0].value
    assert not shown.error


def test_an_invented_donor_of_real_records_is_marked_as_such(root: Path) -> None:
    dashboard_release.write(root, "tax_units", dashboard_release.sources(real=True))
    told = page().warning[0].value
    assert told.startswith("**Synthetic in part.** Invented: `demo_scf`.")
    assert "no figure here" not in told


def test_headline_stands_beside_the_published_figures(root: Path) -> None:
    dashboard_release.write(root)
    (table,) = (text.value for text in page().markdown if text.value.startswith("| Figure"))
    cells = {row.split(" | ")[0].strip("| "): row.split(" | ")[1:] for row in table.splitlines()}
    assert cells["Adjusted gross income"][:5] == [
        *(r"\$14.8 T", r"\$13.0 T", r"\$14.7 T", "\\$14.5\xa0T to \\$14.9\xa0T", "−0.7%")
    ]
    assert cells["Gini"][2:4] == ["not measured", "not\xa0replicated"]
    assert cells["Official poverty rate"][3] == "not\xa0replicated"
    assert cells["Official poverty rate"][6] == "Census, P60-280"


def test_key_figures_are_those_of_the_tables(root: Path) -> None:
    dashboard_release.write(root)
    metrics = {metric.label: (metric.value, metric.delta) for metric in page().metric}
    assert metrics["Fitted within 10%"] == ("100.0%", "0.0% before")
    assert metrics["Held out within 10%"] == ("100.0%", "100.0% before")
    assert metrics["Effective sample"] == ("61.0%", "2 households")
    assert metrics["Top 100 households"][0] == "0.8%"
    assert metrics["Gates met"] == ("1 of 2", "1 not met")


def test_gates_say_met_or_not_with_their_reason(root: Path) -> None:
    dashboard_release.write(root)
    told = [text.value for text in page().markdown if "badge" in text.value]
    assert len(told) == 2
    assert told[0].startswith(":red-badge[not met] **Top 100 share: not measured")
    assert told[1].startswith(":green-badge[met] **Population error: 0.002, asked: at most 0.01**")
    assert "Everything per head hangs on it" in told[1]


def test_weaknesses_are_told_in_words_the_worst_first(root: Path) -> None:
    dashboard_release.write(root)
    shown = page()
    (told,) = (text.value for text in shown.markdown if "facts miss" in text.value)
    lines = told.splitlines()
    assert lines[0] == r"1. income\_0: 9 of 10 facts miss"
    assert len(lines) == 5
    assert not shown.dataframe
    tables = [element.value for element in shown.toggle(key="weak").set_value(True).run().dataframe]
    (every,) = (table for table in tables if "sentence" in table)
    assert list(every["subject"]) == [f"income_{place}" for place in range(7)]


def test_real_records_come_before_the_demo_world(root: Path) -> None:
    dashboard_release.write(root, "demo")
    origin = dashboard_release.sources(real=True, invented=False)
    real = dashboard_release.write(root, "tax_units", origin)
    shown = page()
    assert f"`{real.name}`" in shown.caption[0].value
    assert not shown.warning
    shown.sidebar.selectbox(key="build").set_value("demo").run()
    assert shown.warning


def test_build_identity_names_commit_snapshot_and_source_hashes(root: Path) -> None:
    dashboard_release.write(root)
    shown = page()
    told = "".join(text.value for text in shown.markdown)
    assert "0123456789abcdef" in told
    assert "snapshot-of-the-test" in told
    assert not shown.dataframe
    shown.toggle(key="raw").set_value(True).run()
    (sources,) = (each.value for each in shown.dataframe)
    assert list(sources["raw_sha256"]) == ["ab" * 32]


def test_without_a_release_the_page_says_how_to_make_one(root: Path) -> None:
    shown = page()
    assert "make release" in shown.error[0].value
    assert not shown.metric


def test_an_altered_file_is_named_and_nothing_of_it_shown(root: Path) -> None:
    release = dashboard_release.write(root)
    assert not page().error
    table = release / "val_headline.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"x")
    shown = page()
    assert "expected" in shown.error[0].value
    assert r"val\_headline.parquet" in shown.error[0].value
    assert not shown.metric


def test_a_release_of_another_schema_is_refused_by_name(root: Path) -> None:
    dashboard_release.write(root, val_gate=None)
    shown = page()
    assert r"val\_gate" in shown.error[0].value
    assert "another version" in shown.error[0].value
