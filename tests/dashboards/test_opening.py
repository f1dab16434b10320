"""What a page opens with is what the live page shows, of the release that is there now."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import dashboard_release
import opening
import pytest
from opening import Opening, Openings
from streamlit.testing.v1 import AppTest

WEIGHTS = opening.HERE / "pages" / "weights.py"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(page: str) -> Opening:
    """Read what a page over the small release opens with."""
    found = opening.read(page, "demo")
    assert found is not None
    return found


def test_title_figures_and_warning_are_those_of_the_live_page(root: Path) -> None:
    dashboard_release.write(root)
    found = read("")
    live = AppTest.from_file(str(opening.HERE / "overview.py"), default_timeout=60).run()
    assert found.title == live.title[0].value
    assert found.warning == live.warning[0].value
    assert found.figures == [(each.label, each.value, each.delta) for each in live.metric]
    assert ("Effective sample", "61.0%", "2 households") in found.figures


def test_the_chart_is_drawn_with_its_finding_and_its_source(root: Path) -> None:
    dashboard_release.write(root)
    found = read("")
    assert found.chart.startswith("<svg")
    assert "headline" in found.chart or "figures" in found.chart
    assert found.source.startswith("Source: val_headline")


def test_a_page_that_cannot_be_shown_opens_with_nothing(root: Path) -> None:
    assert opening.read("", "demo") is None
    release = dashboard_release.write(root)
    table = release / "target.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"x")
    assert opening.read("", "demo") is None


def test_another_release_or_an_altered_file_has_no_opening_yet(root: Path) -> None:
    release = dashboard_release.write(root)
    known = Openings()
    known.known["", "demo"] = read("")
    assert known.of("", "demo") is known.of("", None) is known.known["", "demo"]
    assert known.of("weights", "demo") is None
    assert known.of("", "tax_units") is None
    table = release / "target.parquet"
    table.write_bytes(table.read_bytes() + b"x")
    assert known.of("", "demo") is None


def test_what_is_read_in_a_process_of_its_own_is_known(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard_release.write(root)
    found = read("")
    told = "not an opening\n" + json.dumps(asdict(found)) + "\n"
    done = type("Done", (), {"stdout": told})()
    monkeypatch.setattr(opening.subprocess, "run", lambda *_, **__: done)
    known = Openings()
    known.read_all()
    assert known.of("", "demo") == replace(found, figures=[list(each) for each in found.figures])


def test_words_are_escaped_and_marked_as_on_the_page() -> None:
    found = Opening("weights", "demo", "", "a < b", r"**No.** `x_1` \$5", [], "", "")
    page = opening.in_html(found).decode()
    assert "<h1>a &lt; b</h1>" in page
    assert "<p><b>No.</b> <code>x_1</code> $5</p>" in page
    assert "<dl>" not in page and "<figure>" not in page
    assert page.count(' class=here">') == 0 and "<div class=here>weights</div>" in page
