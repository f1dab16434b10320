"""Land a wide text file as Parquet and say what it costs, beside DuckDB's own way.

Run ``python benchmarks/landing.py``. A CSV of survey-like columns (identifiers of 18 digits,
amounts that are mostly zero, codes, weights; 300 columns and 500,000 rows by default) is landed
whole, with thirty of its columns, and by DuckDB's ``copy``, which is what Steelyard used before;
then, for the growth of memory, a file of twice the rows. The table is printed and written to
``benchmarks/results/landing.md``.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray
from steps import Step, machine, measured, table

ROOT = Path(__file__).resolve().parents[1]
BLOCK = 50_000
FEW = 30
OURS = """
import sys
from pathlib import Path
from steelyard.warehouse.files import csv_to_parquet
only = sys.argv[3].split(",") if len(sys.argv) > 3 else None
csv_to_parquet(Path(sys.argv[1]), Path(sys.argv[2]), only=only)
"""
COPY = """
import sys
import duckdb
names = open(sys.argv[1]).readline().strip().split(",")
kinds = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
with duckdb.connect(config={"threads": 2}) as connection:
    connection.execute(
        f"copy (select * from read_csv('{sys.argv[1]}', all_varchar=true, header=true, "
        f"auto_detect=false, delim=',', quote='\\"', escape='\\"', strict_mode=true, "
        f"columns={{{kinds}}})) to '{sys.argv[2]}' (format parquet, compression zstd)"
    )
"""


def main() -> None:
    """Write a file, land it in three ways, then one of twice the rows, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--columns", type=int, default=300)
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landing-") as folder:
        texts = [
            run(Path(folder), rows, options.columns) for rows in (options.rows, 2 * options.rows)
        ]
    text = "\n".join(["# Landing a wide text file", "", *texts, machine(), ""])
    print(text)
    if not options.no_result:
        (ROOT / "benchmarks" / "results" / "landing.md").write_text(text, encoding="utf-8")


def run(folder: Path, rows: int, columns: int) -> str:
    """Land one file in all ways and lay out what each took."""
    source, landed = folder / "wide.csv", folder / "landed.parquet"
    names = write(source, rows, columns)
    settings = {"PYTHONPATH": str(ROOT / "src")}
    sizes: dict[str, int] = {}

    def step(name: str, program: str, *more: str) -> Step:
        taken = measured(
            [sys.executable, "-c", program, str(source), str(landed), *more], settings, folder
        )
        sizes[name] = landed.stat().st_size
        landed.unlink()
        return taken

    few = names[:: max(1, columns // FEW)]
    steps = {
        "all columns": step("all columns", OURS),
        f"{len(few)} columns": step("few columns", OURS, ",".join(few)),
        "all columns, DuckDB's `copy`": step("copy", COPY),
    }
    raw = source.stat().st_size
    head = (
        f"{rows:,} rows of {columns:,} columns, {raw / 1e6:,.0f} MB of text. As Parquet all "
        f"columns take {sizes['all columns'] / 1e6:,.0f} MB, by `copy` {sizes['copy'] / 1e6:,.0f}; "
        f"{raw / steps['all columns'].work / 1e6:,.0f} MB of text are landed in a second of one "
        "processor."
    )
    return "\n".join([head, "", *table(steps, rows), ""])


def write(path: Path, rows: int, columns: int) -> list[str]:
    """Write a CSV with values such as surveys have, and return its names."""
    rng = np.random.default_rng(2022)
    names = [f"COLUMN_{number:04}" for number in range(columns)]
    with path.open("wb") as sink:
        sink.write((",".join(names) + "\n").encode())
        for start in range(0, rows, BLOCK):
            count = min(BLOCK, rows - start)
            block = {name: values(rng, place % 10, count) for place, name in enumerate(names)}
            pa_csv.write_csv(pa.table(block), sink, pa_csv.WriteOptions(include_header=False))
    return names


def values(rng: np.random.Generator, kind: int, count: int) -> NDArray[np.generic]:
    """Draw one column: of ten an identifier, two amounts, an age, a flag, a weight, four codes."""
    if kind == 0:
        return rng.integers(10**17, 10**18, count)
    if kind in (1, 2):
        return np.where(rng.random(count) < 0.8, 0, rng.integers(0, 200_000, count))
    if kind == 5:
        return np.round(rng.random(count) * 3_000, 2)
    largest = {3: 99, 4: 2}.get(kind, 9)
    codes = rng.integers(0, largest, count)
    return codes if kind in (3, 4) else np.where(rng.random(count) < 0.9, -1, codes)


if __name__ == "__main__":
    main()
