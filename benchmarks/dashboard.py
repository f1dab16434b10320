"""Open every page over a release in a real browser and say how long it takes to see and to answer.

Run ``python benchmarks/dashboard.py --target tax_units`` after a build, with Debian's ``chromium``,
``node``, and ``npm install playwright-core`` done in ``build/screenshot``. Noted of each page, in a
new session and after its address was opened: the browser's first contentful paint; the moment at
which title and finding can be read; at which the live page has its first chart or table; and its
last. Of a browser with nothing in its cache, and of one that has been there before. An
interaction is from the click, or the Enter key, to the new content. Medians of several rounds.
Beside them stands what Streamlit itself takes here, to show a page that holds a title and nothing
else. The table is printed and written to ``benchmarks/results/dashboard_<target>.md``.
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from steps import machine

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "dashboards" / "serve.py"
EMPTY = 'import streamlit as st\n\nst.title("Empty")\n'
BARE = {"rounds": 1, "paths": [""], "steps": [], "empty": True}
PAINT, ANSWER = 2000, 500  # what is asked for, in milliseconds
#: Kind of visit, and the moment of it.
COLUMNS = {
    "first paint": ("paint", "first"),
    "finding": ("paint", "told"),
    "first live": ("paint", "live"),
    "last": ("paint", "last"),
    "again: first paint": ("again", "first"),
    "finding, again": ("again", "told"),
    "first live, again": ("again", "live"),
    "server began: first live": ("began paint", "live"),
}
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
    ("targets", "sort by published", {"act": "sort", "column": "published"}, "canvas td"),
    ("targets", "choose a target", {"act": "row", "place": 2}, "h3"),
    (
        "weights",
        "by income decile",
        {"act": "press", "value": "income deciles", "nth": 1},
        "#root svg.marks",
    ),
    ("", "go to targets", {"act": "open", "value": "targets"}, "#root h1"),
    ("targets", "go to weights", {"act": "open", "value": "weights"}, "#root h1"),
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
    once = {"rounds": 1, "paths": paths, "steps": []}
    with empty_page() as bare, served(PAGES) as address:
        began = looked(browser, address, once)
        looked(browser, bare, BARE)
        seen, least = [], []
        for _ in range(rounds):  # in turn, so that both are measured beside the same other work
            least += looked(browser, bare, BARE)
            seen += looked(browser, address, once | {"steps": steps})
    seen += [each | {"kind": f"began {each['kind']}"} for each in began]
    return page(target, rounds, least, seen)


@contextmanager
def empty_page() -> Iterator[str]:
    """Let Streamlit alone serve a page without content."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY, encoding="utf-8")
        with served(script) as address:
            yield address


@contextmanager
def served(script: Path) -> Iterator[str]:
    """Serve pages on a free port."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
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


def page(
    target: str, rounds: int, empty: list[dict[str, object]], seen: list[dict[str, object]]
) -> str:
    """Lay the medians out beside what is asked for, and beside an empty page."""
    release = (ROOT / "releases" / target / "latest").resolve()
    counts = f"from read_parquet('{release}/tax_unit.parquet') select count(*)"
    with duckdb.connect() as connection:
        ((units,),) = connection.execute(counts).fetchall()
    bare = [round(median(empty, kind, "", "title")) for kind in ("paint", "again")]
    lines = [
        f"# How fast the pages over `{target}` are",
        "",
        f"Release `{release.name}`, {units:,} tax units. Medians of {rounds} new sessions in "
        "headless chromium on the server's machine, in milliseconds after the address was opened. "
        "*First paint*: the browser's own first contentful paint. *Finding*: title, key figures or "
        "a chart with its title can be read, in what the page opens with or live. *First live* and "
        "*last*: the first and the last chart or table that Streamlit drew. *Again*: another visit "
        "of the same browser. *Server began*: the first visit of anybody, in this order, to a "
        "server that was just started, when no page's opening was known yet. "
        f"Asked for: first paint {PAINT:,}, interaction {ANSWER}. Streamlit takes {bare[0]:,} and "
        f"{bare[1]:,} here to show a page that holds a title and nothing else.",
        "",
        f"| page | {' | '.join(f'{name}' for name in COLUMNS)} |",
        f"| --- |{' ---: |' * len(COLUMNS)}",
    ]
    for name in dict.fromkeys(each["name"] for each in seen if each["kind"] == "paint"):
        cells = [f"{median(seen, kind, name, moment):,.0f}" for kind, moment in COLUMNS.values()]
        lines.append(f"| {name.split('?')[0] or 'overview'} | {' | '.join(cells)} |")
    lines += ["", "| interaction | median | slowest |", "| --- | ---: | ---: |"]
    for name in dict.fromkeys(each["name"] for each in seen if each["kind"] == "step"):
        times = [each["ms"] for each in seen if each["name"] == name]
        lines.append(f"| {name} | {statistics.median(times):,.0f} | {max(times):,} |")
    return "\n".join([*lines, "", machine(), ""])


def median(seen: list[dict[str, object]], kind: str, name: str, moment: str) -> float:
    """Return the median of a moment, of one page and kind of visit."""
    return statistics.median(
        each[moment] for each in seen if each["kind"] == kind and each["name"] == name
    )


if __name__ == "__main__":
    main()
