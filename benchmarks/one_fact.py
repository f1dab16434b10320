"""Change one fact and say how long new weights take, stage by stage.

Run ``python benchmarks/one_fact.py --target tax_units`` after a build. A copy of the checkout with
its build database and caches is made in a temporary folder; there the value of one fact is raised
by one percent and what depends on facts is built again (``--all``: everything, by a plain ``dbt
build``). The table is printed and written to ``benchmarks/results/one_fact_<target>.md``.
"""

import argparse
import csv
import os
import platform
import shutil
import tempfile
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import duckdb
from build_stages import NOT_COPIED, ROOT, Cost, build, gibibytes, read_json, stage_costs

FACT = "irs_soi/publication_1304_table_1_4/2022/US/taxable_interest_income/amount/50000_agi_75000"
RAISED_BY = 0.01
DEPENDENTS = ("--select", "source:facts.fact+", "--vars", "{conflicts: {}}")
HEADING = "| stage | nodes | seconds of work | seconds on the clock | peak memory (GiB) |"


def main() -> None:
    """Copy, edit, build, check, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="tax_units", help="build target of profiles.yml")
    parser.add_argument("--fact", default=FACT, help="fact_id of the fact to raise")
    parser.add_argument("--all", action="store_true", help="build everything, not dependents only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="steelyard-bench-") as folder:
        copy = Path(folder) / "steelyard"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        for part in (f"build/{arguments.target}", "build/cache", "target"):
            shutil.copytree(ROOT / part, copy / part)
        changed = raise_fact(copy / "seeds" / "facts", arguments.fact)
        selection = () if arguments.all else DEPENDENTS
        text = measured(copy, arguments.target, changed, selection)
    result = ROOT / "benchmarks" / "results" / f"one_fact_{arguments.target}.md"
    result.write_text(text, encoding="utf-8")
    print(text)


def raise_fact(folder: Path, fact_id: str) -> str:
    """Raise one fact's value in its file and say what was changed.

    Raises
    ------
    SystemExit
        If no file has the fact.
    """
    for file in sorted(folder.rglob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            reader = csv.DictReader(opened)
            rows = list(reader)
        for row in rows:
            if row["fact_id"] == fact_id:
                before, row["value"] = row["value"], f"{float(row['value']) * (1 + RAISED_BY):.0f}"
                with file.open("w", encoding="utf-8", newline="") as opened:
                    writer = csv.DictWriter(
                        opened, reader.fieldnames or [], lineterminator=os.linesep
                    )
                    writer.writeheader()
                    writer.writerows(rows)
                return f"`{fact_id}` from {float(before):,.0f} to {float(row['value']):,.0f}"
    raise SystemExit(f"no file in {folder} has the fact {fact_id}")


def measured(project: Path, target: str, changed: str, selection: tuple[str, ...]) -> str:
    """Build again and return the page about it.

    Raises
    ------
    SystemExit
        If no weight moved: then the change did not arrive.
    """
    database = project / "build" / target / "steelyard.duckdb"
    before = weights(database)
    load = os.getloadavg()[0]
    started = time.time()
    samples = build(project, target, *selection)
    finished = time.time()
    moved = sum(old != new for old, new in zip(before, weights(database), strict=True))
    if not moved:
        raise SystemExit("no weight moved; is the fact fitted?")
    results = read_json(project / "target" / "run_results.json")["results"]
    manifest = read_json(project / "target" / "manifest.json")
    costs = stage_costs(results, manifest, samples, (started, finished))
    command = " ".join(("dbt build --target", target, *selection))
    return page(
        f"{changed} ({command}): {moved:,} of {len(before):,} households have another weight",
        f"benchmarks/one_fact.py --target {target}{'' if selection else ' --all'}",
        load,
        costs,
        finished - started,
    )


def weights(database: Path) -> list[float]:
    """Read the calibrated weights in the households' order."""
    with duckdb.connect(database, read_only=True) as connection:
        rows = connection.execute(
            "select calibrated_weight from cal_weight order by household_id"
        ).fetchall()
    return [row[0] for row in rows]


def page(what: str, command: str, load: float, costs: dict[str, Cost], seconds: float) -> str:
    """Write the page: what changed, machine, stages."""
    lines = [
        "# From one changed fact to new weights",
        "",
        f"Measured {datetime.now(UTC).date()} after raising {what}. Beside a load of {load:.1f}, "
        f"on {os.cpu_count()} cores ({platform.system()} {platform.machine()}, dbt "
        f"{metadata.version('dbt-core')}, DuckDB {metadata.version('duckdb')}), caches and build "
        f"database as the last build left them. Written by `python {command}`.",
        "",
        HEADING,
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {stage} | {cost.nodes or ''} | {cost.work:.1f} | {cost.clock:.1f} "
        f"| {gibibytes(cost.peak)} |"
        for stage, cost in costs.items()
    ]
    nodes = sum(cost.nodes for cost in costs.values())
    work = sum(cost.work for cost in costs.values())
    lines.append(f"| **whole** | {nodes} | {work:.1f} | {seconds:.1f} | |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
