"""Build the design matrix of a finished build again, for half, all and twice the targets.

Run ``python benchmarks/design_matrix.py --target tax_units`` after a build. The compiled SQL of the
models from conditions to triplets is run on the build's tables, with two threads and 4 GiB; the
build's database is only read. Half the targets are chosen by a hash of their name; twice are all
targets, and all once more with the ends of their bands moved by a cent, so that the two share no
more than bands of one value and words. Each size runs in a process of its own. The table is printed
and written to ``benchmarks/results/design_matrix_<target>.md``.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[1]
MODELS = (
    "cal_atom",
    "cal_cell",
    "cal_placement",
    "cal_profile",
    "cal_target_index",
    "cal_membership",
    "cal_matrix",
)
MEMORY = "4GiB"
THREADS = 2
SIZES = ("half", "all", "twice")
MOVED = 0.01
GIVEN = {
    "half": """
        create table tgt_active as
        select * from built.tgt_active where hash(target_id) % 2 = 0;
        create table tgt_constraint as select * from built.tgt_constraint;
    """,
    "all": """
        create table tgt_active as select * from built.tgt_active;
        create table tgt_constraint as select * from built.tgt_constraint;
    """,
    "twice": f"""
        create table tgt_active as
        select * from built.tgt_active
        union all
        select * replace ('again/' || target_id as target_id) from built.tgt_active;
        create table tgt_constraint as
        select * from built.tgt_constraint
        union all
        select * replace (
            'again/' || target_id as target_id,
            lower_bound + if(upper_bound - lower_bound < 1, 0, {MOVED}) as lower_bound,
            upper_bound + if(upper_bound - lower_bound < 1, 0, {MOVED}) as upper_bound
        )
        from built.tgt_constraint;
    """,
}
Cost = dict[str, Any]


def main() -> None:
    """Measure each size, print and write; or, called by itself, measure one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="tax_units", help="build target of profiles.yml")
    parser.add_argument("--size", choices=SIZES, help="measure one size and print it as JSON")
    arguments = parser.parse_args()
    if arguments.size:
        print(json.dumps(measured(arguments.target, arguments.size)))
        return
    load = os.getloadavg()[0]
    text = page(arguments.target, load, [alone(arguments.target, size) for size in SIZES])
    result = ROOT / "benchmarks" / "results" / f"design_matrix_{arguments.target}.md"
    result.write_text(text, encoding="utf-8")
    print(text)


def alone(target: str, size: str) -> Cost:
    """Measure one size in a process of its own, whose peak memory is then its own too."""
    command = [sys.executable, __file__, "--target", target, "--size", size]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    cost: Cost = json.loads(done.stdout)
    return cost


def measured(target: str, size: str) -> Cost:
    """Run the models for one size and return targets, triplets, seconds and peak memory.

    Raises
    ------
    SystemExit
        If the target has not been built, or its SQL not compiled.
    """
    database = ROOT / "build" / target / "steelyard.duckdb"
    folder = ROOT / "target" / "compiled" / "steelyard" / "models" / "calibration"
    missing = [
        path
        for path in (database, *(folder / f"{model}.sql" for model in MODELS))
        if not path.exists()
    ]
    if missing:
        raise SystemExit(f"{missing[0]} is not there: run dbt build --target {target}")
    with tempfile.TemporaryDirectory(prefix="steelyard-bench-") as spill:
        connection = duckdb.connect(Path(spill) / "matrix.duckdb")
        connection.execute(f"set threads = {THREADS}; set memory_limit = '{MEMORY}'")
        connection.execute(f"attach '{database}' as built (read_only)")
        connection.execute(GIVEN[size])
        seconds: dict[str, float] = {}
        for model in MODELS:
            sql = (folder / f"{model}.sql").read_text(encoding="utf-8")
            started = time.perf_counter()
            connection.execute(f"create table {model} as {redirected(sql)}")
            seconds[model] = time.perf_counter() - started
        answer = connection.sql("""
            select
                (select count(*) from tgt_active) as targets,
                (select count(distinct item_id) from cal_target_index) as items,
                (select count(*) from cal_membership) as memberships,
                (select count(*) from cal_matrix) as triplets
        """)
        counted = dict(zip(answer.columns, answer.fetchone() or (), strict=True))
    used = resource.getrusage(resource.RUSAGE_SELF)
    cost = {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 2**20}
    return {"size": size, "seconds": seconds} | cost | counted


def redirected(sql: str) -> str:
    """Read the models of this benchmark from here, and every other table from the build."""
    here = {*MODELS, "tgt_active", "tgt_constraint"}
    for name in here:
        sql = sql.replace(f'"steelyard"."main"."{name}"', f'"matrix"."main"."{name}"')
    return sql.replace('"steelyard"."main".', '"built"."main".')


def page(target: str, load: float, costs: list[Cost]) -> str:
    """Write the page: machine, sizes, models."""
    lines = [
        f"# What the design matrix of `{target}` costs",
        "",
        f"Measured {datetime.now(UTC).date()} beside a load of {load:.1f}, with {THREADS} threads "
        f"and a limit of {MEMORY} for DuckDB {metadata.version('duckdb')}, on {os.cpu_count()} "
        f"cores ({platform.system()} {platform.machine()}). Written by `python "
        f"benchmarks/design_matrix.py --target {target}`.",
        "",
        "| targets | | items | stratum and profile | non-zeros | seconds | CPU seconds "
        "| CPU microseconds a non-zero | peak memory (GiB) |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for cost in costs:
        seconds = sum(cost["seconds"].values())
        lines.append(
            f"| {cost['size']} | {cost['targets']:,} | {cost['items']:,} "
            f"| {cost['memberships']:,} | {cost['triplets']:,} | {seconds:.1f} "
            f"| {cost['cpu']:.1f} "
            f"| {1e6 * cost['cpu'] / cost['triplets']:.2f} | {cost['peak']:.2f} |"
        )
    lines += [
        "",
        "| seconds of the model | " + " | ".join(cost["size"] for cost in costs) + " |",
        "|---|" + "---:|" * len(costs),
    ]
    lines += [
        f"| `{model}` | " + " | ".join(f"{cost['seconds'][model]:.2f}" for cost in costs) + " |"
        for model in MODELS
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
