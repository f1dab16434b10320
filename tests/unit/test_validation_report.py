"""The validation report says what the release's tables say, on a page and on paper."""

import io
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import pytest
from pypdf import PdfReader

from steelyard.report.document import (
    Chapter,
    Document,
    Figure,
    Points,
    Section,
    Table,
    Words,
    answer,
)
from steelyard.report.drawing import svg_of
from steelyard.report.html import render_html
from steelyard.report.pdf import render_pdf
from steelyard.report.sections import SECTIONS
from steelyard.report.validation import validation_report
from steelyard.report.vector import path_steps

HOSTILE = '<script>alert("&")</script>'
MANIFEST = {
    "version": "2022-0123456789",
    "build_target": "demo",
    "is_synthetic": True,
    "synthetic_sources": "demo_survey",
    "sources": [],
}


def document(rows: int = 3) -> Document:
    chart = (
        alt.Chart(pd.DataFrame({"state": ["Utah", "Ohio"], "share": [0.1, 0.2]}))
        .mark_bar()
        .encode(x="share", y="state")
        .properties(title="Ohio has more")
    )
    listed = tuple((f"row {place}", f"{place:,}", HOSTILE) for place in range(rows))
    return Document(
        title="Validation report",
        subtitle="Of a test",
        running="Release 2022-0123456789",
        chapters=(
            Chapter("First", "first", (Words("Careful − this ≥ that", is_warning=True),)),
            Chapter(
                "Second",
                "second",
                (
                    Figure(chart, "target"),
                    Figure(chart, "target"),
                    Points((HOSTILE, "another")),
                    Table(
                        ("name", "count", "words"),
                        listed,
                        "A source · target",
                        words=("name", "words"),
                    ),
                    Words("See https://example.org/page for more"),
                ),
            ),
        ),
    )


def drawings(shown: Document) -> dict[str, str]:
    return {
        f"{chapter.anchor}-{place}": svg_of(block.chart, f"{chapter.anchor}-{place}")
        for chapter in shown.chapters
        for place, block in enumerate(chapter.blocks)
        if isinstance(block, Figure)
    }


class Page(HTMLParser):
    """Tags, identifiers, addresses and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in {"href", "src", "xlink:href"} and value:
                self.addresses.append((tag, value))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_without_a_network() -> None:
    shown = document()
    page = Page(render_html(shown, drawings(shown)))
    assert "script" not in page.tags, "what a table says is text"
    assert HOSTILE in page.text
    assert page.tags.count("svg") == 2
    assert len(page.ids) == len(set(page.ids)), "two figures do not share a clip"
    loaded = [value for tag, value in page.addresses if tag != "a"]
    assert loaded == []
    anchors = {value[1:] for tag, value in page.addresses if tag == "a" and value[0] == "#"}
    assert anchors == {"first", "second"} <= set(page.ids)
    assert "Ohio has more" in page.text


def test_the_paper_has_text_title_and_page_numbers() -> None:
    shown = document(rows=200)
    paper = PdfReader(io.BytesIO(render_pdf(shown, drawings(shown))))
    assert paper.metadata is not None
    assert paper.metadata.title == "Validation report"
    assert len(paper.pages) > 3
    pages = [" ".join(page.extract_text().split()) for page in paper.pages]
    for number, text in enumerate(pages, start=1):
        assert f"Page {number}" in text
        assert "Release 2022-0123456789" in text
    whole = " ".join(pages)
    assert "Careful – this >= that" in whole, "no sign is lost that the font lacks"
    assert "Ohio has more" in whole, "a chart's words are text"
    assert all(f"row {place} " in whole for place in range(200))
    assert HOSTILE in whole
    assert all(page.mediabox.width < 596 for page in paper.pages), "A4"


def test_a_second_process_writes_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for seed in ("1", "2"):
        command = (
            "import hashlib, test_validation_report as t; d = t.document(); p = t.drawings(d); "
            "print(hashlib.sha256(t.render_html(d, p).encode() + t.render_pdf(d, p)).hexdigest())"
        )
        search = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
        done = subprocess.run(
            [sys.executable, "-c", command],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": search},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        written.append(done.stdout)
    assert written[0] == written[1] != ""


def nothing(_: str) -> pd.DataFrame:
    raise AssertionError("a section whose table is absent asks nothing")


def test_a_section_whose_table_is_absent_says_so() -> None:
    wanted = Section("T", "t", ("val_gate", "val_more"), {"q": "from val_gate"}, lambda *_: [])
    chapter = answer(wanted, MANIFEST, {"val_gate"}, nothing)
    (said,) = chapter.blocks
    assert isinstance(said, Words)
    assert said.is_warning
    assert "no table val_more" in said.text


def test_a_release_without_a_table_still_has_its_report() -> None:
    page, paper = validation_report("Test", MANIFEST, set(), nothing)
    needing = [section for section in SECTIONS if section.tables]
    assert page.count("This release has no table") == len(needing)
    assert paper.startswith(b"%PDF-")


def told(anchor: str, answers: dict[str, Any], **manifest: Any) -> list[Any]:
    (section,) = (each for each in SECTIONS if each.anchor == anchor)
    ask: Callable[[str], pd.DataFrame] = {
        query: pd.DataFrame(answers[name]) for name, query in section.queries.items()
    }.__getitem__
    return list(answer(section, MANIFEST | manifest, set(section.tables), ask).blocks)


def test_the_headline_table_has_standard_errors() -> None:
    figures = {
        "label": ["Income", "Poverty"],
        "unit": ["USD", "share"],
        "role": ["fitted", "benchmark"],
        "publisher": ["IRS", "Census"],
        "source": ["Table 1", "P60"],
        "published_value": [100e9, 0.115],
        "initial_value": [120e9, 0.12],
        "calibrated_value": [101e9, 0.118],
        "calibrated_relative_error": [0.01, 0.026],
        "standard_error": [2e9, None],
        "lower_value": [97e9, None],
        "upper_value": [105e9, None],
    }
    table = told("headline", {"figures": figures})[1]
    assert table.rows[0] == (
        *("Income", "$100 B", "$120 B", "$101 B", "$2.00 B", "$97.0 B to $105 B", "+1.0%"),
        *("fitted", "IRS, Table 1"),
    )
    assert table.rows[1][4:6] == ("", "not replicated")


def test_the_brief_counts_and_warns() -> None:
    achieved = {
        "target_role": ["fitted"],
        "targets": [1234],
        "before_10": [0.5],
        "within_10": [0.9],
        "before_median": [0.2],
        "median_error": [0.03],
    }
    weight = {
        "metric": ["effective_sample_share", "top_100_share"],
        "value": [0.612, 0.0081],
    }
    gates = {"gate": ["one_at_most", "two_at_least"], "is_met": [True, False]}
    warning, points = told("brief", {"achieved": achieved, "weight": weight, "gates": gates})
    assert "demo_survey are made up" in warning.text
    assert "1,234" in points.items[0]
    assert "90.0% of them within 10%" in points.items[0]
    assert "61.2%" in points.items[1]
    assert points.items[2] == "Gates: 1 of 2 met; not met: two_at_least."
    real = told(
        "brief", {"achieved": achieved, "weight": weight, "gates": gates}, is_synthetic=False
    )
    assert [type(block) for block in real] == [Points]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.anchor)
def test_a_section_reads_the_tables_that_it_names(section: Section) -> None:
    asked = " ".join(section.queries.values())
    named = set(re.findall(r"(?:from|join) ((?:val_|build_)\w+|target|household)\b", asked))
    assert named == set(section.tables)


def test_benchmarks_of_another_concept_say_what_differs() -> None:
    rows = {
        "label": ["Gini", "Dividends", "Charity", "Another file"],
        "unit": ["index", "USD", "USD", "index"],
        "role": ["benchmark"] * 3 + ["method"],
        "published_value": [0.488, 1e12, 6e10, 0.5],
        "initial_value": [0.5, 4e11, None, 0.5],
        "calibrated_value": [0.49, 5e11, None, 0.5],
        "relative_gap": [0.004, -0.5, None, 0.0],
        "is_same_concept": [True, False, False, False],
        "publisher": "Census",
        "source_table": "P60",
        "period": 2022,
        "comparability": ["Same", "National accounts", "Ours is null", "Another"],
    }
    words, same, others = told("benchmarks", {"benchmarks": rows})
    assert words.text.startswith("1 of 1 benchmarks")
    assert "1 this build cannot answer" in words.text
    assert [row[0] for row in same.rows] == ["Gini"]
    assert [(row[0], row[4], row[6]) for row in others.rows] == [
        ("Dividends", "−50.0%", "National accounts")
    ]


def test_poverty_by_age_stands_beside_published_rates_where_it_is_known() -> None:
    ages = ["all", "under_18", "18_to_64", "65_plus"]
    poverty = {
        "measure": ["official"] * 4 + ["supplemental"] * 4,
        "category": ages * 2,
        "weight_stage": "calibrated_weight",
        "value": [0.12, 0.16, 0.11, 0.09] + [None] * 4,
        "known_share": [1.0] * 4 + [0.0] * 4,
    }
    rates = {
        "label": ["Official poverty rate", "Official poverty rate, 65 and over"],
        "published_value": [0.115, 0.102],
        "publisher": "Census",
        "source_table": "P60",
    }
    figure, source, unknown = told("poor", {"poverty": poverty, "rates": rates})
    rows = [row for data in figure.chart.to_dict()["datasets"].values() for row in data]
    published = {row["group"]: row["value"] for row in rows if row["stage"] == "published"}
    assert published == {"Everybody": 0.115, "65 and over": 0.102}
    assert "Census P60" in source.text
    assert unknown.text.startswith("Supplemental poverty is not known")


def test_states_that_hang_on_one_record_are_named() -> None:
    agreement = {
        "target_family": ["irs_soi/totals"],
        "measures": [1],
        "initial_correlation": [0.5],
        "correlation": [0.9],
        "initial_error": [0.2],
        "error": [0.02],
    }
    income = {
        "geoid": ["06", "21", "36"],
        "error": [0.01, 0.6, None],
        "heaviest_share": [0.01, 0.44, None],
    }
    alone = {"geoid": ["21", "06"], "figures": [100, 50], "half": [11, 0]}
    drawn, _, words, table = told(
        "states", {"agreement": agreement, "income": income, "alone": alone}
    )
    assert "1 of 2 states lie within 10%" in " ".join(drawn.chart.to_dict()["title"]["text"])
    assert words.text.endswith("10% or more: KY 44%.")
    assert table.rows == (("KY", "100", "11", "11.0%"), ("CA", "50", "0", "0.0%"))


def test_arcs_lie_on_their_circle() -> None:
    circle = "M5,0A5,5,0,1,1,-5,0A5,5,0,1,1,5,0Z"
    corner = "M0,-2a2,2,0,0,1,2,2"
    for text, radius, centre in ((circle, 5, (0, 0)), (corner, 2, (0, 0))):
        ends = [numbers[-2:] for step, numbers in path_steps(text) if step != "Z"]
        assert len(ends) == (5 if radius == 5 else 2)
        for x, y in ends:
            assert math.dist((x, y), centre) == pytest.approx(radius)
        assert math.dist(ends[-1], (5, 0) if radius == 5 else (2, 0)) < 1e-9


def test_relative_steps_start_where_the_last_ended() -> None:
    assert list(path_steps("M1,2h3v4l-1,-1Zm1,1")) == [
        ("M", [1, 2]),
        ("L", [4, 2]),
        ("L", [4, 6]),
        ("L", [3, 5]),
        ("Z", []),
        ("M", [2, 3]),
    ]
