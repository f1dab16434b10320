"""Print, year by year from 1979, the engine's bend points and maximum benefits beside SSA's.

Run ``python benchmarks/oasdi_published.py``: the table of docs/methodology/social-security.md.
SSA's maxima are the rows of tests/unit/data/oasdi_maximum_benefits.csv, with their source.
"""

import csv
from pathlib import Path

import numpy as np

from steelyard.oasdi import aime, default_parameters, pia, retired_worker_benefit
from steelyard.oasdi.projection import BENDS, bend_point

LAW = default_parameters()
YEARS = np.arange(1951, 2027)
BASE = LAW.contribution_base.at(YEARS).astype(float)
PUBLISHED = Path(__file__).parents[1] / "tests" / "unit" / "data" / "oasdi_maximum_benefits.csv"
AGES = ("62", "65", "66", "67", "70", "fra")


def maximum(year: int, age: str) -> int | None:
    """Return the benefit of a claim with earnings at the base since 22, if it can be computed.

    ``fra`` is the highest of the cohorts that reach full retirement age in `year`.
    """
    if age == "fra":
        cohorts = [(born, int(LAW.full_retirement_age(born))) for born in range(year - 68, year)]
        return max(
            (
                claimed(born, full, year)
                for born, full in cohorts
                if (12 * born + full) // 12 <= year <= (12 * born + 11 + full) // 12
                and born + 62 >= 1979
            ),
            default=None,
        )
    born = year - int(age)
    return claimed(born, int(age) * 12 + (age == "62"), year) if born + 62 >= 1979 else None


def claimed(born: int, months: int, year: int) -> int:
    """Return the benefit at an age in months in January of `year`, in dollars a month."""
    full = int(LAW.full_retirement_age(born))
    earned = np.where((born + 22 <= YEARS) & (year > YEARS), BASE, 0.0)
    average = aime(earned, first_year=1951, birth_year=born, eligibility_year=born + 62)
    amount = pia(average, eligibility_year=born + 62, benefit_year=year)
    early, late = max(full - months, 0), max(months - full, 0)
    paid = retired_worker_benefit(amount, months_early=early, months_delayed=late, birth_year=born)
    return int(paid[0])


def main() -> None:
    """Print the table as Markdown; a cell is `engine / SSA`, a dash where SSA's is not at hand."""
    with PUBLISHED.open(encoding="utf-8") as lines:
        theirs = {
            (int(row["retirement_year"]), row["age"]): int(row["initial_benefit"])
            for row in csv.DictReader(lines)
        }
    columns = [bend_point(LAW.average_wage_index, dollars) for dollars in BENDS.values()]
    print("| year | bend points, from the index | SSA's | " + " | ".join(AGES) + " |")
    print("|---|---|---|" + "---|" * len(AGES))
    for year in range(1979, 2027):
        computed = " ".join(f"{int(series.at(year)):,}" for series in columns)
        bends = (*LAW.pia_bends, *LAW.family_bends)
        official = " ".join(f"{int(series.at(year)):,}" for series in bends)
        cells = []
        for age in AGES:
            ours, ssa = maximum(year, age), theirs.get((year, age))
            left = "–" if ours is None else f"{ours:,}"
            cells.append(f"{left} / {'–' if ssa is None else f'{ssa:,}'}")
        print(f"| {year} | {computed} | {official} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
