"""Harmonise one ASEC at survey size beside pandas: rows a second, peak memory, and the same result.

Run ``python benchmarks/harmonise.py``. The demo world writes the base vintage (75,000 households
and 193,000 persons, the person file as wide as the real one, 840 columns), and once more twice as
large; each folder is then a mirror of the publisher, from which the build `us_2022` reads in a
temporary copy of the checkout. `from nothing` is one command, ``dbt build`` of seeds and
harmonised tables, with nothing landed; `read again` asks for the landed files; `harmonise again`
makes the tables anew. `pandas` is `harmonise_pandas.py`: it makes the person table alone, in
memory, and keeps neither raw records nor their hashes. Its result is compared with ours, value by
value. Results are printed and written to ``benchmarks/results/harmonise.md``.

Memory is the resident set of a step's process and its children, sampled every tenth of a second.
"""

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
from steps import Step, machine, measured, table

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
NOT_COPIED = (".*", "build", "drop", "logs", "releases", "target", "__pycache__", "*.egg-info")
MEMORY = "1500MB"
ENTITIES = ("person", "household", "family", "spm_unit", "tax_unit")
SELECTED = ("--select", *(f"+int_{entity}__cps_asec" for entity in ENTITIES))
LAND = """
import logging
from pathlib import Path
from steelyard.sources.doors import Doors
from steelyard.sources.landing import Landing
from steelyard.sources.registry import load_registry
cache = Path("build/cache")
landing = Landing(load_registry(), Doors(Path("."), cache), cache / "landed")
for record in ("household", "family", "person"):
    landing.land_all([f"cps_asec_2023_{record}"])
"""


@dataclass(frozen=True)
class Size:
    """What one size of the survey took."""

    rows: dict[str, int]
    steps: dict[str, Step]
    differing: dict[str, int]


def main() -> None:
    """Write, harmonise, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=75_000, help="interviewed households")
    parser.add_argument("--mirrors", type=Path, help="where the files are, or are to be written")
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="harmonise-") as folder:
        mirrors = options.mirrors or Path(folder) / "mirrors"
        sizes = [
            run(mirrors.resolve() / str(households), households, Path(folder) / str(households))
            for households in (options.households, 2 * options.households)
        ]
    text = page(*sizes)
    print(text)
    if not options.no_result:
        (HERE / "results" / "harmonise.md").write_text(text, encoding="utf-8")


def run(mirror: Path, households: int, checkout: Path) -> Size:
    """Take all steps for a survey of one size."""
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (checkout / "build" / "us_2022").mkdir(parents=True)
    settings = {
        "STEELYARD_MEMORY": MEMORY,
        "PYTHONPATH": str(checkout / "src"),
        "STEELYARD_MIRROR": str(mirror),
        "DBT_PROFILES_DIR": str(checkout),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }

    def step(*command: str) -> Step:
        return measured(command, settings, checkout)

    python, dbt = sys.executable, str(Path(sys.executable).with_name("dbt"))
    if not any(mirror.rglob("*csv.zip")):
        step(python, str(HERE / "harmonise_widen.py"), str(mirror), str(households))
    (zipped,) = mirror.rglob("asecpub23csv.zip")
    target = ("--target", "us_2022", "--quiet", "--log-level-file", "none")
    made = checkout / "pandas.parquet"
    untested = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    steps = {
        "from nothing": step(dbt, "build", *target, *untested, *SELECTED),
        "read again": step(python, "-c", LAND),
        "harmonise again": step(dbt, "run", *target, *SELECTED),
        "pandas: persons only": step(
            python, str(HERE / "harmonise_pandas.py"), str(zipped), str(ROOT / "seeds"), str(made)
        ),
    }
    with duckdb.connect(str(checkout / "build" / "us_2022" / "steelyard.duckdb")) as build:
        counts = {
            entity: build.sql(f"select count(*) from int_{entity}__cps_asec").fetchall()[0][0]
            for entity in ENTITIES
        }
        return Size(counts, steps, differing(build, made))


def differing(build: duckdb.DuckDBPyConnection, made: Path) -> dict[str, int]:
    """Count the persons that a column of the two tables tells apart."""
    ours = dict(
        build.sql("select column_name, column_type from (describe int_person__cps_asec)").fetchall()
    )
    theirs = build.read_parquet(str(made)).columns
    unexplained = ours.keys() - set(theirs) - {name for name in ours if name.endswith("_last_year")}
    if unexplained:
        raise SystemExit(f"pandas made no {', '.join(sorted(unexplained))}")
    counted = ", ".join(
        f'count(*) filter (where ours."{name}" is distinct from '
        f'cast(theirs."{name}" as {ours[name]})) as "{name}"'
        for name in theirs
    )
    answer = build.sql(f"""
        select {counted}, count(*) filter (where ours.person_id is null or theirs.person_id is null)
            as unmatched
        from int_person__cps_asec as ours
        full outer join read_parquet('{made}') as theirs using (person_id)
    """)
    (row,) = answer.fetchall()
    return {name: count for name, count in zip(answer.columns, row, strict=True) if count}


def page(once: Size, twice: Size) -> str:
    """Lay both sizes out as a Markdown page."""
    nothing = [size.steps["from nothing"] for size in (once, twice)]
    growth = nothing[1].peak / nothing[0].peak - 1
    more_rows = twice.rows["person"] / once.rows["person"] - 1
    pandas = once.steps["pandas: persons only"]
    same = "the same, value by value" if not once.differing | twice.differing else "NOT the same"
    lines = [
        "# Harmonising one ASEC",
        "",
        "Printed by `python benchmarks/harmonise.py`, which says what each step is. Bars: from raw "
        "CSV to harmonised tables in 60 s within 4 GiB on two cores; memory growing less than half "
        "as fast as rows; a vintage read again in 2 s. DuckDB is given "
        f"{MEMORY} (`STEELYARD_MEMORY`).",
    ]
    for size in (once, twice):
        listed = ", ".join(f"{count:,} {name}" for name, count in size.rows.items())
        lines += ["", f"## {size.rows['household']:,} households", "", f"Rows: {listed}.", ""]
        lines += table(size.steps, size.rows["person"])
    lines += [
        "",
        f"Twice the size has {more_rows:+.0%} persons and {growth:+.0%} peak memory from nothing. "
        f"The persons of pandas are {same}"
        + (f": {once.differing | twice.differing}" if once.differing | twice.differing else "")
        + ". It is the quicker way to that one table, in "
        f"{pandas.work:.0f} processor seconds against {nothing[0].work:.0f}: ours also lands all "
        "840 columns, hashed, as Parquet, starts dbt, and makes families, SPM units, and tax units "
        f"by two accounts; its memory grows by "
        f"{twice.steps['pandas: persons only'].peak / pandas.peak - 1:+.0%}.",
        "",
        machine(),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
