"""A figure in what the dictionary says of a variable is a rule, the publisher's, or tested.

Pages under ``docs/reference/variables`` print these notes (`test_variable_pages`), and the figures
that pages must prove (`test_published_numbers`) leave them to this test.
"""

import csv
import re
from collections.abc import Iterator

import pytest
from page_figures import ROOT, figures

NOTES = sorted((ROOT / "seeds" / "xwalks").glob("xwalk_*_variable.csv"))
#: Real records that tests read where they are at hand, by survey.
REAL = {
    "acs": "test_real_acs.py",
    "cps_asec": "test_real_asec.py",
    "sipp": "test_real_sipp_extract.py",
}
#: What a note says of rows it counts, and not of the file's layout or of the law.
COUNTED = re.compile(r"\breal\b|\brows\b")
#: Top codes, codes, amounts of law and counts, as the survey's documentation prints them.
DOCUMENTED = {
    ("acs", "household_money_income"): {"59,999"},
    ("acs", "real_estate_taxes"): {"57,500"},
    ("acs", "property_income"): {"10,000"},
    ("acs", "self_employment_income"): {"10,000"},
    ("acs", "social_security"): {"50,000", "55,000"},
    ("acs", "ssi_reported"): {"30,000"},
    ("acs", "tanf_reported"): {"30,000"},
    ("cps_asec", "unemployment_compensation"): {"10,200"},
    ("cps_asec", "equivalence_scale"): {"1.41"},
    ("epuf", "is_female"): {"3,054"},
    ("epuf", "earnings_covered_capped"): {"100", "1,000"},
    ("psid", "person_id"): {"170"},
    ("psid", "earnings"): {"99,999"},
    ("sipp", "line_number"): {"101", "102", "203"},
    ("sipp", "total_income"): {"10,000", "200,000"},
}


def noted() -> Iterator[tuple[str, str, str, set[str]]]:
    """Yield survey, variable, note and figures of each note that states any."""
    for file in NOTES:
        survey = file.stem.removeprefix("xwalk_").removesuffix("_variable")
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                found = {figure.text for figure in figures(row["comparability"])}
                if found:
                    yield survey, row["variable"], row["comparability"], found


def asserted(survey: str) -> set[str]:
    """Return the numbers that the test of a survey's real records holds."""
    text = (ROOT / "tests" / "integration" / REAL[survey]).read_text(encoding="utf-8")
    found = [each.replace("_", "") for each in re.findall(r"(?<![\w.])\d[\d_]*(?:\.\d+)?", text)]
    return {f"{by * float(each):,.6g}" for each in found for by in (1, 100)}


@pytest.mark.parametrize(("survey", "variable", "note", "found"), list(noted()))
def test_a_figure_of_a_note_has_an_origin(
    survey: str, variable: str, note: str, found: set[str]
) -> None:
    if COUNTED.search(note) and survey in REAL:
        assert found - asserted(survey) - DOCUMENTED.get((survey, variable), set()) == set()
    else:
        assert found - DOCUMENTED.get((survey, variable), set()) == set()


def test_every_documented_figure_is_still_noted() -> None:
    said: dict[tuple[str, str], set[str]] = {}
    for survey, variable, _, found in noted():
        said.setdefault((survey, variable), set()).update(found)
    assert {key for key, own in DOCUMENTED.items() if own - said.get(key, set())} == set()
