"""Measure the Social Security engine: workers, families, a plain Python loop, policyengine-us.

Run ``python benchmarks/oasdi.py``; ``--workers``, ``--families`` and ``--peers`` change the sizes.
The figures and their ratios, all from the one run, go to ``benchmarks/results/oasdi.md``. Each part
runs in a process of its own, so that its peak memory is its own. The loop is the same law written
for one person at a time; it runs on a sample and must give the same dollars. policyengine-us is no
dependency: its own-benefit formulas are timed where this interpreter, or the one that ``--peer``
names, can import it (``pip install policyengine-us`` in an environment aside).
"""

import argparse
import importlib
import importlib.util
import json
import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from steelyard.frame import stream
from steelyard.oasdi import (
    NEVER,
    People,
    Relation,
    Ties,
    aime,
    benefits,
    default_parameters,
    month,
    pia,
    retired_worker_benefit,
)

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "oasdi.md"
SEED = 20260101
WORKING_YEARS = 45
SAMPLE = 2_000
BARS = {"workers": (10.0, 4.0), "families": (20.0, 4.0), "policyengine_us": (10.0, 8.0)}


def histories(count: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return earnings of shape (count, 45), 1976-2020, and birth years of people aged 62 to 70."""
    draws = stream(SEED, "benchmark", name)
    wages = default_parameters().average_wage_index.at(np.arange(1976, 2021)) / 100
    level = draws.lognormal(-0.3, 0.8, (count, 1))
    earned = wages * level * draws.lognormal(0, 0.3, (count, WORKING_YEARS))
    earned *= draws.random((count, WORKING_YEARS)) < 0.85
    return earned, draws.integers(1950, 1958, count)


def workers(count: int) -> dict[str, float]:
    """Time AIME, PIA and own benefit, each step by itself, and the sample in the loop."""
    earned, born = histories(count, "workers")
    months = stream(SEED, "benchmark", "claims").integers(0, 49, count)
    started = time.perf_counter()
    average = aime(earned, first_year=1976, birth_year=born, eligibility_year=born + 62)
    averaged = time.perf_counter()
    amount = pia(average, eligibility_year=born + 62, benefit_year=2026)
    computed = time.perf_counter()
    paid = retired_worker_benefit(amount, months_early=months, birth_year=born)
    finished = time.perf_counter()
    looped = time.perf_counter()
    one_by_one = [
        one_person(earned[row].tolist(), int(born[row]), int(months[row])) for row in range(SAMPLE)
    ]
    loop = (time.perf_counter() - looped) * count / SAMPLE
    if one_by_one != paid[:SAMPLE].tolist():
        raise SystemExit("the loop and the engine differ")
    return {
        "aime_s": averaged - started,
        "pia_s": computed - averaged,
        "benefit_s": finished - computed,
        "total_s": finished - started,
        "python_loop_s": loop,
    }


def one_person(earned: list[float], born: int, months_early: int) -> float:
    """Return the same benefit for one person, as a straightforward program computes it."""
    law = default_parameters()
    eligible = born + 62
    wages = law.average_wage_index
    level = int(wages.values[eligible - 2 - wages.first])
    base = law.contribution_base
    indexed = []
    for year, amount in enumerate(earned, start=1976):
        cents = int(min(amount, int(base.values[year - base.first])) * 100 + 0.5)
        if year < eligible - 2:
            own = int(wages.values[year - wages.first])
            cents = (2 * cents * level + own) // (2 * own)
        indexed.append(cents)
    average = sum(sorted(indexed)[-35:]) // 42_000
    one, two = (int(bend.values[eligible - bend.first]) for bend in law.pia_bends)
    amount = 90 * min(average, one) + 32 * min(max(average - one, 0), two - one)
    dimes = (amount + 15 * max(average - two, 0)) // 10
    for year in range(eligible, 2026):
        dimes = dimes * (1000 + int(law.cola.values[year - law.cola.first])) // 1000
    parts = 720 - 4 * min(months_early, 36) - 3 * max(months_early - 36, 0)
    return float(dimes * parts // 720 // 10)


def families(count: int) -> dict[str, float]:
    """Time whole families of four, insured status to family maximum, in one call."""
    earned, born = histories(2 * count, "families")
    draws = stream(SEED, "benchmark", "events")
    size = 4 * count
    everybody = np.zeros((size, WORKING_YEARS))
    everybody[: 2 * count] = earned
    birth = np.concatenate([month(born), np.repeat(month(2012), 2 * count)]).astype(np.int64)
    claim = np.where(np.arange(size) < 2 * count, birth + draws.integers(745, 840, size), NEVER)
    dies = (np.arange(size) < count) & (draws.random(size) < 0.25)
    death = np.where(dies, month(2021), NEVER)
    people = People(everybody, 1976, birth, claim=claim, death=death)
    worker = np.arange(count)
    kind = np.where(death[:count] < NEVER, int(Relation.WIDOW), int(Relation.SPOUSE))
    ties = Ties(
        np.tile(worker, 3),
        np.concatenate([worker + count, worker + 2 * count, worker + 3 * count]),
        np.concatenate([kind, np.repeat(int(Relation.CHILD), 2 * count)]),
        np.concatenate([claim[count : 2 * count], np.repeat(int(month(2022)), 2 * count)]),
        start=int(month(1980)),
    )
    started = time.perf_counter()
    paid = benefits(people, ties, month=int(month(2025, 6)))
    finished = time.perf_counter()
    return {"total_s": finished - started, "paid_persons": float((paid.total > 0).sum())}


def policyengine_us(count: int) -> dict[str, float]:
    """Time policyengine-us's retirement benefit of people claiming at 62, and how often it agrees.

    Theirs is a year's; what is compared is a month's before any rounding.
    """
    from policyengine_core.simulations import SimulationBuilder  # noqa: PLC0415 optional peer

    system = importlib.import_module("policyengine_us").CountryTaxBenefitSystem()
    earned, _ = histories(count, "peer")
    builder = SimulationBuilder()
    builder.populations = system.instantiate_entities()
    everybody = np.arange(count)
    builder.declare_person_entity("person", everybody)
    for group in system.group_entities:
        builder.declare_entity(group.key, everybody)
        roles = np.repeat(group.flattened_roles[0].key, count)
        builder.join_with_persons(builder.populations[group.key], everybody, roles)
    simulation = builder.build(system)
    simulation.set_input("age", 2022, np.full(count, 62.0))
    simulation.set_input("ss_claiming_age", 2022, np.full(count, 62.0))
    simulation.set_input("ss_retirement_eligible", 2022, np.ones(count, bool))
    for column, year in enumerate(range(1976, 2021)):
        simulation.set_input("employment_income", year, earned[:, column] * (year >= 1982))
    started = time.perf_counter()
    theirs = simulation.calculate("ss_retirement_benefit_before_earnings_test", 2022) / 12
    peer = time.perf_counter()
    average = aime(earned[:, 6:], first_year=1982, birth_year=1960, eligibility_year=2022)
    amount = pia(average, eligibility_year=2022, benefit_year=2022)
    ours = retired_worker_benefit(amount, months_early=60, birth_year=1960, rounding="none")
    finished = time.perf_counter()
    return {
        "total_s": finished - peer,
        "policyengine_us_s": peer - started,
        "share_equal_to_the_dime": float((np.abs(theirs - ours) < 0.05).mean()),
        "largest_difference": float(np.abs(theirs - ours).max()),
    }


def measured(part: Callable[[int], dict[str, float]], count: int) -> dict[str, float]:
    """Run a part in a fresh process and add its peak memory."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_with_memory, (part, count))


def _with_memory(part: Callable[[int], dict[str, float]], count: int) -> dict[str, float]:
    result = part(count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {**result, "peak_gib": peak}


def elsewhere(python: str, count: int) -> dict[str, float]:
    """Run the peer's part under another interpreter, which prints its figures as JSON."""
    command = [python, __file__, "--only-peer", "--peers", str(count)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(found: dict[str, tuple[int, dict[str, float]]]) -> str:
    """Return the results page: every part beside its bar, and the ratios of the run."""
    count, one = found["workers"]
    total = one["total_s"]
    rows = [
        row(f"{count:,} workers, 45 years each, to AIME, PIA and own benefit", "workers", one),
        f"| the same, one person at a time in a plain Python loop | {one['python_loop_s']:.0f} s | "
        f"| {one['python_loop_s'] / total:.0f} times as long | |",
    ]
    count, many = found["families"]
    told = f"{count:,} families of four, insured status to payment"
    rows.append(row(told, "families", many))
    if "policyengine_us" in found:
        count, peer = found["policyengine_us"]
        theirs = peer["policyengine_us_s"]
        rows += [
            row(f"{count:,} people claiming at 62, to the own benefit", "policyengine_us", peer),
            f"| the same in policyengine-us (`ss_retirement_benefit_before_earnings_test`) | "
            f"{theirs:.0f} s | {peer['peak_gib']:.2f} GiB, with ours | "
            f"{theirs / peer['total_s']:.0f} times as long | |",
        ]
    lines = [
        "# What the Social Security engine costs",
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d} beside a load of {os.getloadavg()[0]:.1f}, on "
        f"{os.cpu_count()} cores ({platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, NumPy {np.__version__}), one thread. Written by "
        "`python benchmarks/oasdi.py`; all from one run.",
        "",
        "| what | time | peak memory | ratio | bar |",
        "|---|---:|---:|---|---|",
        *rows,
        "",
        f"The loop ran on {SAMPLE:,} workers and gave the same dollars; its time is scaled up.",
    ]
    if "policyengine_us" in found:
        share, largest = peer["share_equal_to_the_dime"], peer["largest_difference"]
        lines += [
            "",
            f"policyengine-us keeps the cents of AIME: {share:.0%} of its monthly benefits equal "
            f"SSA's rule to the dime before rounding, the others lie within ${largest:.2f}.",
        ]
    return "\n".join(lines) + "\n"


def row(what: str, part: str, figures: dict[str, float]) -> str:
    """Return a row of the table: one part of ours beside its bar."""
    seconds, memory = BARS[part]
    if part == "policyengine_us":
        return f"| {what} | {figures['total_s']:.2f} s | | | |"
    measured_at = f"{figures['total_s']:.1f} s | {figures['peak_gib']:.2f} GiB"
    return f"| {what} | {measured_at} | | {seconds:.0f} s, {memory:.0f} GiB |"


def main() -> None:
    """Print each part's figures beside its bar, as JSON lines, and write the results page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1_000_000)
    parser.add_argument("--families", type=int, default=200_000)
    parser.add_argument("--peers", type=int, default=100_000)
    parser.add_argument("--peer", metavar="PYTHON", help="an interpreter with policyengine-us")
    parser.add_argument("--only-peer", action="store_true", help=argparse.SUPPRESS)
    sizes = parser.parse_args()
    if sizes.only_peer:
        print(json.dumps(measured(policyengine_us, sizes.peers)))
        return
    peer = sizes.peer
    if peer is None and importlib.util.find_spec("policyengine_us"):
        peer = sys.executable
    found = {
        "workers": (sizes.workers, measured(workers, sizes.workers)),
        "families": (sizes.families, measured(families, sizes.families)),
    }
    if peer:
        found["policyengine_us"] = (sizes.peers, elsewhere(peer, sizes.peers))
    for part, (count, figures) in found.items():
        seconds, memory = BARS[part]
        within = figures["total_s"] <= seconds and figures["peak_gib"] <= memory
        rounded = {key: round(value, 3) for key, value in figures.items()}
        print(json.dumps({"part": part, "count": count, **rounded, "within_bar": within}))
    RESULTS.write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()
