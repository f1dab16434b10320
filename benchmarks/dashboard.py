"""Open every page over a release in a real browser and say how long it takes to see and to answer.

Run ``python benchmarks/dashboard.py --target tax_units`` after a build, with Debian's ``chromium``,
``node``, and ``npm install playwright-core`` done in ``build/screenshot``. First paint is from the
address to title, key figures and the first chart or table, in a new session: of a browser with
nothing in its cache, and of one that has been there before; an interaction is from the click, or
the Enter key, to the new content. Medians of several rounds. The table is printed and written to
``benchmarks/results/dashboard_<target>.md``.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
from steps import machine

ROOT = Path(__file__).resolve().parents[1]
PAINT, ANSWER = 2000, 500  # what is asked for, in milliseconds
COUNT = '[data-testid="stCaptionContainer"] strong'
STEPS = (
    ("targets", "search for words", {"act": "fill", "label": "Search", "value": "snap"}, COUNT),
    (
        "targets",
        "filter by family",
        {"act": "choose", "label": "Family", "value": "ssa/benefits_paid"},
        COUNT,
    ),
    (
        "targets",
        "filter by geography",
        {"act": "choose", "label": "Geography", "value": "Utah"},
        COUNT,
    ),
    ("targets", "filter by role", {"act": "press", "value": "inactive"}, COUNT),
    ("targets", "sort by published", {"act": "sort", "across": 0.55}, "canvas td"),
    ("targets", "choose a target", {"act": "row", "place": 2}, "h3"),
    (
        "weights",
        "by income decile",
        {"act": "press", "value": "income deciles", "nth": 1},
        "svg.marks",
    ),
    ("", "go to targets", {"act": "open", "value": "targets"}, "h1"),
    ("targets", "go to weights", {"act": "open", "value": "weights"}, "h1"),
)


def main() -> None:
    """Serve, look, print and write; or say what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="tax_units", help="build whose latest release is shown")
    parser.add_argument("--rounds", type=int, default=5, help="new browser sessions a page")
    parser.add_argument("--browser", type=Path, default=ROOT / "build" / "screenshot")
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    options = parser.parse_args()
    lacking = missing(options.target, options.browser)
    if lacking:
        print(f"Not measured: {lacking}.")
        return
    text = report(options.target, options.rounds, options.browser)
    print(text)
    if not options.no_result:
        result = ROOT / "benchmarks" / "results" / f"dashboard_{options.target}.md"
        result.write_text(text, encoding="utf-8")


def missing(target: str, browser: Path) -> str | None:
    """Say what is not there, if anything."""
    if not (ROOT / "releases" / target / "latest").is_dir():
        return f"there is no release of {target}; run `dbt build --target {target}`"
    if not shutil.which("node"):
        return "there is no `node`"
    if not Path(os.environ.get("CHROMIUM", "/usr/bin/chromium")).is_file():
        return "there is no chromium; install it, or name it in CHROMIUM"
    if not (browser / "node_modules" / "playwright-core").is_dir():
        return f"{browser} has no playwright-core; run `npm install playwright-core` there"
    return None


def report(target: str, rounds: int, browser: Path) -> str:
    """Measure and lay out as a page."""
    names = sorted(file.stem for file in (ROOT / "dashboards" / "pages").glob("*.py"))
    paths = [f"{name}?build={target}" for name in ("", *names)]
    steps = [
        {"path": f"{page}?build={target}", "name": f"{page or 'overview'}: {name}"}
        | act
        | {"changes": changes}
        for page, name, act, changes in STEPS
    ]
    with served() as address:
        (first,) = looked(browser, address, {"rounds": 1, "paths": paths[:1], "steps": []})
        looked(browser, address, {"rounds": 1, "paths": paths, "steps": []})  # the server is warm
        seen = looked(browser, address, {"rounds": rounds, "paths": paths, "steps": steps})
    return page(target, rounds, first["ms"], seen)


@contextmanager
def served() -> Iterator[str]:
    """Serve the pages on a free port."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboards/overview.py"]
    with subprocess.Popen(
        [*command, "--server.port", str(port), "--server.address", "localhost"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            address = f"http://localhost:{port}"
            wait(f"{address}/_stcore/health")
            yield address
        finally:
            server.terminate()


def wait(address: str) -> None:
    """Wait until a server answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer within a minute")


def looked(browser: Path, address: str, plan: dict[str, object]) -> list[dict[str, object]]:
    """Let the browser carry out a plan."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        script = Path(__file__).with_suffix(".mjs")
        done = subprocess.run(
            ["node", str(script), address, file.name],
            cwd=browser,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return [json.loads(line) for line in done.stdout.splitlines()]


def page(target: str, rounds: int, first: object, seen: list[dict[str, object]]) -> str:
    """Lay the medians out beside what is asked for."""
    taken = defaultdict(list)
    for each in seen:
        taken[each["kind"], each["name"]].append(each["ms"])
    release = (ROOT / "releases" / target / "latest").resolve()
    counts = f"from read_parquet('{release}/tax_unit.parquet') select count(*)"
    with duckdb.connect() as connection:
        ((units,),) = connection.execute(counts).fetchall()
    lines = [
        f"# How fast the pages over `{target}` are",
        "",
        f"Release `{release.name}`, {units:,} tax units. Medians (and the slowest) of {rounds} new "
        "sessions in headless chromium on the server's machine, in milliseconds: the first visit "
        "of a browser that has nothing cached, and another visit of the same browser. Asked for: "
        f"first paint {PAINT:,}, interaction {ANSWER}. The first visitor of a server that was just "
        f"started waited {first:,} for the overview: packages are imported and all files hashed.",
        "",
        "| page | first visit | slowest | another visit | slowest |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += rows(taken, ("paint", "again"), lambda name: name.split("?")[0] or "overview")
    lines += ["", "| interaction | median | slowest |", "| --- | ---: | ---: |"]
    lines += rows(taken, ("step",), str)
    return "\n".join([*lines, "", machine(), ""])


def rows(
    taken: Mapping[tuple[object, object], list[int]],
    kinds: tuple[str, ...],
    label: Callable[[str], str],
) -> list[str]:
    """Write a row for everything that was timed, each kind of timing with its slowest."""
    found = []
    for what, name in taken:
        if what == kinds[0]:
            times = [taken[kind, name] for kind in kinds]
            cells = [f"{statistics.median(each):,.0f} | {max(each):,}" for each in times]
            found.append(f"| {label(str(name))} | {' | '.join(cells)} |")
    return found


if __name__ == "__main__":
    main()
