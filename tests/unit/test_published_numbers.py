"""A number of the pages that stands before a query is what the query says; results stay proven.

In README and docs a number may be followed by a query in an HTML comment, which no reader sees:
``59,509<!-- select count(*) from facts -->``. It may ask the published ``facts`` and
``benchmarks``, the records of ``taxcalc_cps``, and in the schema of its name the tables of a
release that lie under ``docs/results``.
"""

import hashlib
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from steelyard.release.folder import read_sums
from steelyard.sources.facts import load_benchmarks, load_facts

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
RESULTS = ROOT / "docs" / "results"
PROVEN = [folder.name for folder in sorted(RESULTS.iterdir()) if folder.is_dir()]
ASKED = re.compile(
    r"(?P<number>[\d,]+(?:\.\d+)?)[^\d<]{0,20}<!-- (?P<sql>(?:select|with|from) .*?) -->", re.DOTALL
)


def asked() -> Iterator[tuple[str, float, str]]:
    """Every number that a page proves: where it stands, what it is, and the query."""
    for page in PAGES:
        for found in ASKED.finditer(page.read_text(encoding="utf-8")):
            number = found["number"].strip(",")
            place = f"{page.relative_to(ROOT)}: {number}"
            yield place, float(number.replace(",", "")), found["sql"]


@pytest.fixture(scope="module")
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    """What the pages' queries may ask."""
    with duckdb.connect() as connection:
        connection.register("facts", load_facts(ROOT))
        connection.register("benchmarks", load_benchmarks(ROOT))
        # Found, not imported: the engine's first call decides whether it compiles.
        engine = importlib.util.find_spec("taxcalc")
        assert engine is not None and engine.origin is not None
        records = Path(engine.origin).with_name("cps.csv.gz")
        connection.execute(f"create view taxcalc_cps as from read_csv('{records}')")
        for name in PROVEN:
            connection.execute(f"create schema {name}")
            for file in (RESULTS / name).glob("*.parquet"):
                connection.execute(f"create view {name}.{file.stem} as from '{file}'")
        yield connection


@pytest.mark.parametrize(("place", "number", "sql"), list(asked()), ids=str)
def test_a_number_is_what_its_query_says(
    session: duckdb.DuckDBPyConnection, place: str, number: float, sql: str
) -> None:
    ((said,),) = session.execute(sql).fetchall()
    assert said == number, place


def test_numbers_are_proven_where_a_reader_begins() -> None:
    pages = {place.partition(":")[0] for place, _, _ in asked()}
    assert {"README.md", "CHANGELOG.md", "docs/how-to/build-tax-units.md"} <= pages


@pytest.mark.parametrize("name", PROVEN)
def test_a_results_page_is_what_the_released_tables_say(name: str) -> None:
    folder = RESULTS / name
    sums = read_sums(folder)
    here = {file.name for file in folder.iterdir()} - {"SHA256SUMS"}
    for file in here:
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == sums[file], file
    results = benchmark("results_table")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    page = (RESULTS / f"{name}.md").read_text(encoding="utf-8")
    assert results.page(name, folder, manifest) + "\n" == page
    kept = results.READ + results.QUOTED
    assert here == {"manifest.json", *(f"{table}.parquet" for table in kept)}


MEASURED = re.compile(
    r"^\| `(?P<table>\w+)` \| (?P<rows>[\d,]+) \| .* \| (?P<bytes>[\d,]+) \|", re.M
)


def test_the_page_on_compression_is_of_the_release_that_is_proven() -> None:
    page = (ROOT / "benchmarks" / "results" / "compression.md").read_text(encoding="utf-8")
    target = re.search(r"Release `(?P<version>[\w-]+)` of `(?P<name>\w+)`", page)
    assert target is not None
    manifest = json.loads((RESULTS / target["name"] / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["version"] == target["version"]
    released = {file["name"].removesuffix(".parquet"): file for file in manifest["files"]}
    found = [
        (each["table"], *(int(each[what].replace(",", "")) for what in ("rows", "bytes")))
        for each in MEASURED.finditer(page)
    ]
    assert len(found) > 5
    assert found == [
        (table, released[table]["row_count"], released[table]["byte_count"]) for table, *_ in found
    ]


def benchmark(name: str) -> ModuleType:
    """Load a script of the folder of benchmarks."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
