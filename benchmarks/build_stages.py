"""Build one target and say what each stage cost: nodes, seconds, peak memory.

Run ``python benchmarks/build_stages.py --target demo``. By default the build is made from nothing,
in a temporary copy of the checkout without its caches; ``--in-place`` builds the checkout itself,
with whatever it has kept. The table is printed and written to ``benchmarks/results/<target>.md``.

Memory is the resident set of the build's process and its children, sampled every tenth of a second.
dbt works in one process that seldom gives memory back, so a stage's peak is that of the whole
process while the stage ran.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = (".*", "build", "drop", "logs", "releases", "target", "__pycache__", "*.egg-info")
SECONDS_BETWEEN_SAMPLES = 0.1
Interval = tuple[float, float]

STAGES = (
    "start and parse",
    "seeds",
    "sources and staging",
    "harmonized",
    "imputation",
    "rules",
    "targets",
    "calibration: matrix",
    "calibration: solve",
    "calibration: achievement",
    "marts",
    "validation",
    "release",
    "tests",
)
STAGE_OF_KIND = {
    "seed": "seeds",
    "snapshot": "targets",
    "test": "tests",
    "unit_test": "tests",
}
STAGE_OF_FOLDER = {
    "staging": "sources and staging",
    "calibration": "calibration: matrix",
}
SOLVE = "cal_solution"


@dataclass(frozen=True)
class Cost:
    """What one stage took: nodes, seconds of work, seconds on the clock, peak bytes."""

    nodes: int
    work: float
    clock: float
    peak: float


def main() -> None:
    """Build, measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="demo", help="build target of profiles.yml")
    parser.add_argument(
        "--in-place", action="store_true", help="build the checkout itself, with its caches"
    )
    arguments = parser.parse_args()
    if arguments.in_place:
        text = measured(ROOT, arguments.target, "in the checkout, with what its caches held")
    else:
        with tempfile.TemporaryDirectory(prefix="steelyard-bench-") as folder:
            copy = Path(folder) / "steelyard"
            shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
            (copy / "build" / arguments.target).mkdir(parents=True)
            text = measured(copy, arguments.target, "from nothing (no cache, no earlier build)")
    result = ROOT / "benchmarks" / "results" / f"{arguments.target}.md"
    result.parent.mkdir(exist_ok=True)
    result.write_text(text, encoding="utf-8")
    print(text)


def measured(project: Path, target: str, how: str) -> str:
    """Build a target in a project folder and return the page about it."""
    load = os.getloadavg()[0]
    started = time.time()
    samples = build(project, target)
    finished = time.time()
    results = read_json(project / "target" / "run_results.json")["results"]
    manifest = read_json(project / "target" / "manifest.json")
    costs = stage_costs(results, manifest, samples, (started, finished))
    return page(target, f"{how}, beside a load of {load:.1f}", costs, finished - started)


def build(project: Path, target: str, *selection: str) -> list[tuple[float, int]]:
    """Run ``dbt build``, of everything or a selection; return (time, resident bytes) samples.

    Raises
    ------
    SystemExit
        If the build fails; what dbt said stands above.
    """
    environment = os.environ | {
        "PYTHONPATH": str(project / "src"),
        "DBT_PROFILES_DIR": str(project),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "STEELYARD_DROP": os.environ.get("STEELYARD_DROP", str(ROOT / "drop")),
    }
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--target", target, *selection]
    process = subprocess.Popen(command, cwd=project, env=environment)
    samples: list[tuple[float, int]] = []
    done = threading.Event()
    sampler = threading.Thread(target=sample, args=(process.pid, samples, done))
    sampler.start()
    try:
        code = process.wait()
    finally:
        done.set()
        sampler.join()
    if code:
        raise SystemExit(f"dbt build --target {target} ended with {code}; nothing was measured")
    return samples


def sample(pid: int, samples: list[tuple[float, int]], done: threading.Event) -> None:
    """Append resident bytes of a process and its children until told to stop."""
    while not done.wait(SECONDS_BETWEEN_SAMPLES):
        try:
            root = psutil.Process(pid)
            tree = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        resident = 0
        for process in tree:
            try:
                resident += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        samples.append((time.time(), resident))


def stage_costs(
    results: list[dict[str, Any]],
    manifest: dict[str, Any],
    samples: list[tuple[float, int]],
    span: Interval,
) -> dict[str, Cost]:
    """Add up nodes by stage, in the order of ``STAGES``."""
    before_solve = ancestors(manifest["parent_map"], SOLVE)
    intervals: dict[str, list[Interval]] = defaultdict(list)
    for result in results:
        name = result["unique_id"]
        moments = [moment for step in result["timing"] for moment in edges(step)]
        if moments:
            stage = stage_of(name, node_path(manifest, name), before_solve)
            intervals[stage].append((min(moments), max(moments)))
    first = min(start for spans in intervals.values() for start, _ in spans)
    intervals["start and parse"] = [(span[0], first)]
    return {
        stage: Cost(
            nodes=0 if stage == "start and parse" else len(intervals[stage]),
            work=sum(end - start for start, end in intervals[stage]),
            clock=union_length(intervals[stage]),
            peak=peak_within(samples, intervals[stage]),
        )
        for stage in (*STAGES, *sorted(set(intervals) - set(STAGES)))
        if intervals[stage]
    }


def stage_of(name: str, path: str, before_solve: set[str]) -> str:
    """Name the stage of a node by its kind and its folder."""
    kind = name.split(".", 1)[0]
    if kind in STAGE_OF_KIND:
        return STAGE_OF_KIND[kind]
    if name.endswith(f".{SOLVE}"):
        return "calibration: solve"
    folder = Path(path).parts[1]
    if folder == "calibration" and name not in before_solve:
        return "calibration: achievement"
    return STAGE_OF_FOLDER.get(folder, folder)


def node_path(manifest: dict[str, Any], name: str) -> str:
    """Return the file of a node."""
    node = manifest["nodes"].get(name) or manifest["unit_tests"][name]
    return str(node["original_file_path"])


def ancestors(parents: dict[str, list[str]], model: str) -> set[str]:
    """Return every node that a model is made from."""
    found: set[str] = set()
    waiting = [name for name in parents if name.endswith(f".{model}")]
    while waiting:
        for parent in parents.get(waiting.pop(), []):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def edges(step: dict[str, Any]) -> list[float]:
    """Start and end of one step of a node, in seconds since 1970, as far as known."""
    moments = (step.get("started_at"), step.get("completed_at"))
    return [
        datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
        for moment in moments
        if moment
    ]


def union_length(intervals: Iterable[Interval]) -> float:
    """Seconds covered by at least one interval."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def peak_within(samples: list[tuple[float, int]], intervals: list[Interval]) -> float:
    """Largest sample inside the intervals, in bytes; 0 where none fell inside."""
    inside = [
        size for moment, size in samples if any(start <= moment <= end for start, end in intervals)
    ]
    return max(inside, default=0)


def page(target: str, how: str, costs: dict[str, Cost], seconds: float) -> str:
    """Write the page: machine, stages, totals."""
    memory = psutil.virtual_memory().total / 2**30
    lines = [
        f"# What a build of `{target}` costs",
        "",
        f"Measured {datetime.now(UTC).date()} {how}, on {os.cpu_count()} cores and "
        f"{memory:.0f} GiB ({platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, dbt {metadata.version('dbt-core')}, DuckDB "
        f"{metadata.version('duckdb')}). Written by `python benchmarks/build_stages.py "
        f"--target {target}`.",
        "",
        "| stage | nodes | seconds of work | seconds on the clock | peak memory (GiB) |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {stage} | {cost.nodes or ''} | {cost.work:.1f} | {cost.clock:.1f} "
        f"| {gibibytes(cost.peak)} |"
        for stage, cost in costs.items()
    ]
    nodes = sum(cost.nodes for cost in costs.values())
    work = sum(cost.work for cost in costs.values())
    peak = max(cost.peak for cost in costs.values())
    lines += [
        f"| **whole build** | {nodes} | {work:.1f} | {seconds:.1f} | {gibibytes(peak)} |",
        "",
        "Two nodes run at a time and stages overlap, so the clock seconds of the stages may add up "
        "to more than the whole. Memory is that of the whole process while the stage ran.",
        "",
    ]
    return "\n".join(lines)


def gibibytes(size: float) -> str:
    """Bytes as GiB with two digits, a dash where unknown."""
    return f"{size / 2**30:.2f}" if size else "–"


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


if __name__ == "__main__":
    main()
