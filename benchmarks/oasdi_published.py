"""Print, year by year from 1979, the engine's bend points and maximum benefits beside SSA's.

Run ``python benchmarks/oasdi_published.py``: the table of docs/methodology/social-security.md.
SSA's figures are the rows of the seeds ``facts_ssa_example_*``, with their source.
"""

import csv
from importlib.resources import files

import numpy as np

from steelyard.oasdi import People, Ties, benefits, birth_month, default_parameters
from steelyard.oasdi.projection import BENDS, bend_point

LAW = default_parameters()
YEARS = range(1979, 2027)
EARNED = np.arange(1937, 2027)
COLUMNS = ("62_exactly", "62", "65", "66", "67", "70", "fra")
NOBODY = np.zeros(0, np.int64)


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a seed of published examples."""
    file = files("steelyard.oasdi") / "data" / f"facts_ssa_example_{name}.csv"
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


WORKERS = {row["worker_id"]: row for row in rows("worker")}


def claims(year: int, column: str) -> list[tuple[int, int, int, int]]:
    """Return birth year, month and day, and months of age at the claim, of each candidate.

    Claims are in January; at 62 in the month after, or at once by those born on the second. At full
    retirement age it is SSA's worker, or one of each cohort that reaches it in the year.
    """
    if column == "62_exactly":
        return [(year - 62, 1, 2, 62 * 12)]
    if column != "fra":
        return [(year - int(column), 1, 15, int(column) * 12 + (column == "62"))]
    known = WORKERS.get(f"max_fra_{year}")
    cohorts = [(born, int(LAW.full_retirement_age(born))) for born in range(year - 68, year - 60)]
    return [
        (born, max(12 * born, 12 * year - full) % 12 + 1, 15, full)
        for born, full in cohorts
        if (12 * born + full) // 12 <= year <= (12 * born + 11 + full) // 12
        and (known is None or born == int(known["birth_year"]))
    ]


def maximum(born: int, month: int, day: int, months: int) -> tuple[float, float]:
    """Return the benefit of a claim with earnings at the base since 22: to the dime, as paid.

    Zero where the law then is not computed (`steelyard.oasdi.benefit_table`).
    """
    birth = birth_month(born, month, day)
    claim = int(birth[0]) + months
    base = LAW.contribution_base.at(EARNED).astype(float)
    earned = np.where((born + 22 <= EARNED) & (claim // 12 > EARNED), base, 0.0)
    person = People(earned[None, :], 1937, birth, claim=claim)
    got = benefits(person, Ties(*[NOBODY] * 4), month=claim, on_error="reason")
    return float(got.own[0]), float(got.total[0])


def cell(year: int, column: str, theirs: dict[str, dict[str, str]]) -> str:
    """Return ``engine / SSA``, a dash for what is not computed or not published."""
    exact, paid = max(maximum(*claim) for claim in claims(year, column))
    known = theirs.get(f"max_{column}_{year}", {})
    ours, ssa = f"{paid:,.0f}", known.get("benefit")
    if column == "62_exactly":
        ours, ssa = f"{exact:,.1f}", known.get("benefit_to_the_dime")
    told = "–" if not ssa else f"{float(ssa):,.1f}" if column == "62_exactly" else f"{int(ssa):,}"
    return f"{ours if paid else '–'} / {told}"


def main() -> None:
    """Print the table as Markdown."""
    theirs = {
        row["worker_id"]: row
        for row in rows("benefit")
        if row["worker_id"].endswith(row["benefit_year"])
    }
    columns = [bend_point(LAW.average_wage_index, dollars) for dollars in BENDS.values()]
    names = [column.replace("_", " ") for column in COLUMNS]
    print("| year | bend points, from the index | SSA's | " + " | ".join(names) + " |")
    print("|---|---|---|" + "---|" * len(names))
    for year in YEARS:
        computed = " ".join(f"{int(series.at(year)):,}" for series in columns)
        bends = (*LAW.pia_bends, *LAW.family_bends)
        official = " ".join(f"{int(series.at(year)):,}" for series in bends)
        cells = [cell(year, column, theirs) for column in COLUMNS]
        print(f"| {year} | {computed} | {official} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
