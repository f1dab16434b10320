"""What `imputation-quality.md` says of the bars is read off the benchmark's results, every row."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "imputation_scf.md"
FORESTS = ("joint, tuned", "joint, defaults", "sequential, tuned", "sequential, defaults", "copula")


def table(heading: str) -> dict[str, dict[str, tuple[float, ...]]]:
    """Return the cells under a heading by row and column, each as the numbers in it."""
    section = RESULTS.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    head, _, *rows = [line for line in section.splitlines() if line.startswith("|")]
    columns = [cell.strip() for cell in head.split("|")[2:-1]]
    found = {}
    for row in rows:
        name, *cells = [cell.strip() for cell in row.split("|")[1:-1]]
        numbers = [tuple(map(float, re.findall(r"[+-]?\d+\.?\d*", cell))) for cell in cells]
        found[name] = dict(zip(columns, numbers, strict=True))
    return found


def forests(heading: str) -> dict[str, dict[str, tuple[float, ...]]]:
    rows = table(heading)
    return {name: rows[name] for name in rows if name.startswith("forest") and "weight" not in name}


def test_every_mode_of_forest_is_judged() -> None:
    assert len(forests("In short")) == len(FORESTS)
    for mode in FORESTS:
        assert any(mode in name for name in forests("In short")), mode


def test_marginals_and_zero_shares_of_every_target_are_within_the_bars() -> None:
    for name, cells in forests("Marginal distributions").items():
        for target, (distance, zeros) in cells.items():
            assert distance <= 0.02, (name, target)
            assert abs(zeros) <= 1.0, (name, target)


@pytest.mark.parametrize("target", ["capital gains", "net worth"])
def test_the_top_percent_hold_what_they_should_within_ten_percent(target: str) -> None:
    for name, cells in forests("Tails").items():
        assert abs(cells[target][0]) <= 10, name


def test_forests_are_no_farther_than_chance_and_nothing_else_has_their_skill() -> None:
    rows = table("In short")
    chance = rows["unconditional"]
    for name, cells in forests("In short").items():
        assert cells["KS"][1] <= chance["KS"][1] + 0.001, name
        assert cells["skill"][0] > 0.15, name
    for name in ("forest, joint, tuned", "forest, joint, defaults"):
        assert rows[name]["correlations"][0] <= chance["correlations"][0], name
    least = min(cells["skill"][0] for name, cells in rows.items() if name.startswith("forest"))
    for name in rows:
        if not name.startswith("forest"):
            assert rows[name]["skill"][0] < least, name
