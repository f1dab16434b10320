"""Measure the panel: histories for half a million persons, and what a year of ageing costs.

Run ``dbt build``, then ``python benchmarks/panel.py``. The base is the demo's latest release. Each
size is a process of its own, which ages in memory, without the flow and its files: seconds of
every year, persons, and the peak. Cost should be flat over years and linear in persons. Then the
command itself, with its flow and files: one imputation, and two side by side. The page goes to
``benchmarks/results/panel.md``; ``--only-imputations`` measures its last section anew.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from steps import Step, machine, measured

from steelyard.oasdi import default_parameters
from steelyard.panel.begin import begin, trajectories
from steelyard.panel.histories.tables import education_codes
from steelyard.panel.histories.working_lives import draw_histories
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, People
from steelyard.panel.planning import plan_of
from steelyard.panel.published import default_published
from steelyard.panel.step import age_one_year
from steelyard.release import latest_release
from steelyard.warehouse.query import query_database

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).resolve().parent / "results" / "panel.md"
SIZES = (25_000, 50_000, 100_000)
LIVES = 500_000
IMPUTATIONS = (1, 2)
SIDE_BY_SIDE = "## Several imputations side by side"
BASE_YEAR, LAST_YEAR = 2022, 2060
YEARS = "select * from pnl_person_year order by dataset_id, person_id, income_year"


def main() -> None:
    """Run every size, print the page and write it; or be the process of one size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="PERSONS")
    parser.add_argument("--to", type=int, default=LAST_YEAR, metavar="YEAR")
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    parser.add_argument(
        "--only-imputations", action="store_true", help="leave the other sections as they are"
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, number, out = options.one.split(":")
        found = lives(int(number)) if name == "lives" else ageing(int(number), options.to)
        Path(out).write_text(json.dumps(found), encoding="utf-8")
        return
    if options.only_imputations:
        text = RESULTS.read_text(encoding="utf-8").partition(SIDE_BY_SIDE)[0].rstrip("\n")
    else:
        took, found = run("lives", LIVES, options.to)
        runs = {size: run("ageing", size, options.to) for size in options.sizes}
        parts = [told_lives(took, found), told_sizes(runs), told_years(runs)]
        text = "\n\n".join(["# What a panel costs", *parts, machine()])
    size = max(options.sizes)
    at_once = {count: side_by_side(count, size, options.to) for count in IMPUTATIONS}
    text += "\n\n" + told_imputations(at_once, size, options.to)
    print(text)
    if not options.no_result:
        RESULTS.write_text(text + "\n", encoding="utf-8")


def run(name: str, number: int, to: int) -> tuple[Step, dict[str, Any]]:
    """Run one part in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="panel-") as folder:
        out = Path(folder) / "out.json"
        command = [sys.executable, __file__, "--to", str(to), "--one", f"{name}:{number}:{out}"]
        return measured(command, {}, ROOT), json.loads(out.read_text(encoding="utf-8"))


def side_by_side(count: int, size: int, to: int) -> Step:
    """Run the command with so many imputations at once, in a folder that begins without a panel."""
    with tempfile.TemporaryDirectory(prefix="panel-") as folder:
        for name in ("build", "releases"):
            (Path(folder) / name).symlink_to(ROOT / name)
        asked = {"to": to, "persons": size, "imputations": count, "side-by-side": count}
        options = [f"--{name}={value}" for name, value in asked.items()]
        command = [str(Path(sys.executable).with_name("steelyard")), "panel", *options]
        return measured(command, {}, Path(folder))


def base() -> dict[str, pa.Table]:
    """Read what a panel begins with."""
    release = latest_release(ROOT / "releases" / "demo")
    database = ROOT / "build" / "demo" / "steelyard.duckdb"
    return {
        "person": pq.read_table(release / "person.parquet"),
        "pnl_person_year": query_database(database, YEARS),
    }


def plan(tables: dict[str, pa.Table], size: int, to: int) -> Any:
    """Return the plan of a size."""
    law = default_parameters()
    return plan_of(
        tables["person"],
        base_year=BASE_YEAR,
        last_year=to,
        law=law,
        baseline=law,
        published=default_published(),
        size=size,
    )


def lives(number: int) -> dict[str, Any]:
    """Draw histories of so many persons, all years from 18 to 75."""
    tables = base()
    start = time.perf_counter()
    way = trajectories(tables["pnl_person_year"], 0)
    fitted = time.perf_counter() - start
    person = tables["person"]
    age = person["age"].to_numpy()
    adults = np.flatnonzero((age >= FIRST_AGE) & (age <= LAST_AGE))
    rows = np.random.default_rng(0).choice(adults, number)
    chosen = person.take(rows)
    scale = plan(tables, 0, BASE_YEAR + LAST_AGE - FIRST_AGE).scale
    earned = np.nan_to_num(chosen["employment_income"].to_numpy().astype(np.float64))
    people = People(
        np.arange(number),
        chosen["is_female"].to_numpy(zero_copy_only=False).astype(np.bool_),
        BASE_YEAR - age[rows].astype(np.int64),
        education_codes(chosen["education"]),
        np.ones(number),
    )
    start = time.perf_counter()
    draw_histories(
        people, BASE_YEAR, np.maximum(earned, 0.0), 1_510.0, way=way, scale=scale, seed=0
    )
    return {"fitted": fitted, "drawn": time.perf_counter() - start, "persons": number}


def ageing(size: int, to: int) -> dict[str, Any]:
    """Age a panel of so many persons; seconds and persons of each year."""
    tables = base()
    one = plan(tables, size, to)
    start = time.perf_counter()
    made = begin(tables, one, 1)
    began = time.perf_counter() - start
    so_far = {name: [made[name]] for name in ("dead", "life", "history")}
    earned = [_earned(made["person"], BASE_YEAR)]
    years = []
    for year in range(BASE_YEAR + 1, to + 1):
        start = time.perf_counter()
        parts = {name: made[name] for name in ("person", "marriage", "benefit")}
        parts |= {name: pa.concat_tables(each) for name, each in so_far.items()}
        parts["earned"] = pa.concat_tables(earned)
        made = age_one_year(parts, year, one, 1)
        for name, each in so_far.items():
            each.append(made[name])
        earned.append(_earned(made["person"], year))
        years.append([year, made["person"].num_rows, time.perf_counter() - start])
    return {"began": began, "years": years}


def _earned(person: pa.Table, year: int) -> pa.Table:
    return pa.table(
        {
            "person_id": person["person_id"],
            "year": pa.repeat(pa.scalar(year, pa.int16()), person.num_rows),
            "earnings": person["earnings"],
        }
    )


def told_lives(took: Step, found: dict[str, Any]) -> str:
    """Say what histories took."""
    return (
        f"Working lives of {found['persons']:,} persons, 58 years each: {found['drawn']:.0f} s "
        f"after {found['fitted']:.1f} s of fitting, {took.peak / 2**30:.1f} GiB at most; bar 600 s."
    )


def told_sizes(runs: dict[int, tuple[Step, dict[str, Any]]]) -> str:
    """Lay out sizes beside each other."""
    lines = [
        "| persons at first | base, s | all years, s | microseconds a person-year | peak GiB |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for size, (took, found) in runs.items():
        seconds = sum(year[2] for year in found["years"])
        person_years = sum(year[1] for year in found["years"])
        lines.append(
            f"| {size:,} | {found['began']:.1f} | {seconds:.0f} "
            f"| {seconds / person_years * 1e6:.1f} | {took.peak / 2**30:.2f} |"
        )
    first, last = (runs[size][1]["years"] for size in (min(runs), max(runs)))
    reach = f"{first[0][0]} to {first[-1][0]}"
    growth = sum(year[2] for year in last) / sum(year[2] for year in first)
    return "\n".join(
        [
            f"One imputation, {reach}, benefits of every year included; the bar for 100,000 "
            "persons is 15 minutes and 8 GiB.",
            "",
            *lines,
            "",
            f"{max(runs) / min(runs):.0f} times the persons take {growth:.1f} times as long.",
        ]
    )


def told_years(runs: dict[int, tuple[Step, dict[str, Any]]]) -> str:
    """Say how the cost of a person-year moves over the decades."""
    found = runs[max(runs)][1]["years"]
    lines = [
        "| decade | persons | seconds a year | microseconds a person-year |",
        "| --- | ---: | ---: | ---: |",
    ]
    for begins in range(found[0][0], found[-1][0] + 1, 10):
        years = [year for year in found if begins <= year[0] < begins + 10]
        persons, seconds = sum(year[1] for year in years), sum(year[2] for year in years)
        lines.append(
            f"| {years[0][0]}–{years[-1][0]} | {persons / len(years):,.0f} "
            f"| {seconds / len(years):.1f} | {seconds / persons * 1e6:.1f} |"
        )
    return "\n".join(lines)


def told_imputations(steps: dict[int, Step], size: int, to: int) -> str:
    """Lay out one imputation beside several at once."""
    lines = [
        "| imputations | seconds | processor seconds | peak GiB of all processes |",
        "| ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {count} | {step.seconds:.0f} | {step.work:.0f} | {step.peak / 2**30:.2f} |"
        for count, step in steps.items()
    ]
    first, last = steps[min(steps)], steps[max(steps)]
    return "\n".join(
        [
            SIDE_BY_SIDE,
            "",
            f"`steelyard panel --persons {size} --to {to}`, all at once; the flow, its files and "
            "their hashes, the accounts and reading the base included.",
            "",
            *lines,
            "",
            f"{max(steps)} imputations take {last.seconds / first.seconds:.2f} times as long as "
            f"one, {last.work / first.work:.2f} times the processor seconds and "
            f"{last.peak / first.peak:.2f} times the memory.",
            "",
            machine(),
        ]
    )


if __name__ == "__main__":
    main()
