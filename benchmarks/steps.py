"""Steps of a benchmark, each a process that is timed and whose memory is watched."""

import os
import platform
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import psutil

SECONDS_BETWEEN_SAMPLES = 0.1


@dataclass(frozen=True)
class Step:
    """What a step took: seconds on the clock, processor seconds, peak resident bytes."""

    seconds: float
    work: float
    peak: float


def measured(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Step:
    """Run a command, sampling the resident set of it and its children.

    Raises
    ------
    SystemExit
        If the command fails; what it complains of is on the screen.
    """
    start, before = time.perf_counter(), _worked()
    with subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=folder, stdout=subprocess.DEVNULL
    ) as running:
        watched, peak = psutil.Process(running.pid), 0.0
        while running.poll() is None:
            peak = max(peak, _resident(watched))
            time.sleep(SECONDS_BETWEEN_SAMPLES)
    if running.returncode:
        raise SystemExit(f"step failed with {running.returncode}: {' '.join(command)[:200]}")
    return Step(time.perf_counter() - start, _worked() - before, peak)


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(process: psutil.Process) -> float:
    total = 0.0
    try:
        for member in (process, *process.children(recursive=True)):
            total += member.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


def table(steps: Mapping[str, Step], records: int) -> list[str]:
    """Lay steps out as the lines of a Markdown table, with raw records a second."""
    lines = [
        "| step | seconds | processor seconds | raw rows a second | peak GiB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    return lines + [
        f"| {name} | {step.seconds:.1f} | {step.work:.1f} | {records / step.seconds:,.0f} "
        f"| {step.peak / 2**30:.2f} |"
        for name, step in steps.items()
    ]


def machine() -> str:
    """Say on what, and beside what other work, the steps ran."""
    return (
        "Seconds are on the clock of a machine that others used too "
        f"(load {os.getloadavg()[1]:.0f} on {psutil.cpu_count()} cores); work that keeps two cores "
        f"busy takes half its processor seconds.\n\n{datetime.now(UTC):%Y-%m-%d}, "
        f"{platform.system()} {platform.machine()}, "
        f"{psutil.cpu_count()} cores, Python {platform.python_version()}, "
        f"DuckDB {metadata.version('duckdb')}, pyarrow {metadata.version('pyarrow')}."
    )
