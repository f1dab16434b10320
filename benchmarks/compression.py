"""Say how much smaller a release's Parquet is than the same rows as CSV, table by table.

Run ``python benchmarks/compression.py --target tax_units``. Each table of the latest release is
written as CSV by DuckDB, in a temporary folder, one after the other; the page is printed and
written to ``benchmarks/results/compression.md``.
"""

import argparse
import tempfile
from pathlib import Path

import duckdb

from steelyard.release import latest_release, verify

ROOT = Path(__file__).resolve().parents[1]
#: Tables that take less as CSV are counted together.
SMALL = 500_000
ASKED = 10


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="tax_units", help="the build (default: tax_units)")
    arguments = parser.parse_args()
    release = latest_release(ROOT / "releases" / arguments.target)
    verify(release)
    text = page(arguments.target, release, sizes(release))
    result = ROOT / "benchmarks" / "results" / "compression.md"
    result.write_text(text, encoding="utf-8")
    print(text)


def sizes(release: Path) -> list[tuple[str, int, int, int]]:
    """Return name, rows, bytes as CSV and bytes as Parquet of each table of a release."""
    found = []
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        text = Path(folder) / "table.csv"
        for file in sorted(release.glob("*.parquet")):
            table = connection.read_parquet(str(file))
            table.write_csv(str(text))
            (rows,) = table.count("*").fetchone() or (0,)
            found.append((file.stem, rows, text.stat().st_size, file.stat().st_size))
    return found


def page(target: str, release: Path, tables: list[tuple[str, int, int, int]]) -> str:
    """Write the page: large tables, small ones together, all."""
    large = sorted((row for row in tables if row[2] >= SMALL), key=lambda row: -row[2])
    small = [row for row in tables if row[2] < SMALL]
    lines = [line(f"`{name}`", *counts) for name, *counts in large]
    lines.append(line(f"{len(small)} tables of less than half a megabyte", *total(small)))
    lines.append(line("all", *total(tables)))
    _, text, parquet = total(tables)
    verdict = "met" if text >= ASKED * parquet else "not met"
    return "\n".join(
        [
            "# How much smaller a release is than CSV",
            "",
            f"Release `{release.name}` of `{target}`, CSV by DuckDB {duckdb.__version__}; printed "
            f"by `python benchmarks/compression.py --target {target}`. Asked is {ASKED} times over "
            f"all tables: {verdict}.",
            "",
            "| table | rows | CSV | Parquet | times smaller |",
            "|---|---:|---:|---:|---:|",
            *lines,
            "",
        ]
    )


def total(tables: list[tuple[str, int, int, int]]) -> tuple[int, int, int]:
    """Rows and bytes of several tables together."""
    rows, text, parquet = (sum(row[place] for row in tables) for place in (1, 2, 3))
    return rows, text, parquet


def line(name: str, rows: int, text: int, parquet: int) -> str:
    """One row of the table."""
    return f"| {name} | {rows:,} | {text:,} | {parquet:,} | {text / parquet:.1f} |"


if __name__ == "__main__":
    main()
