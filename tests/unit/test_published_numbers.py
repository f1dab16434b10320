"""A figure of the pages is what its query says, or stands in the file that it names.

How a figure is proven is said in `page_figures`. A query may ask the published ``facts`` and
``benchmarks``, the records of ``taxcalc_cps``, in the schema ``seeds`` the tables of
``seeds/params``, ``seeds/codes`` and the package's data, in the schema of its name the tables of a
release that lie under ``docs/results``, and in ``build`` those of a demo build (`test_docs`).
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
from page_figures import QUERY, ROOT, figures, queried, stated

from steelyard.release.folder import read_sums
from steelyard.sources.facts import load_benchmarks, load_facts

RESULTS = ROOT / "docs" / "results"
PROVEN = [folder.name for folder in sorted(RESULTS.iterdir()) if folder.is_dir()]
#: Pages that other tests hold to their origin: a release's tables, notes on variables
#: (`test_variable_notes`).
GENERATED = ("docs/results/", "docs/reference/variables/")


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
        connection.execute("create schema seeds")
        folders = ("seeds/params", "seeds/codes", "src/steelyard/*/data")
        for file in (each for folder in folders for each in ROOT.glob(f"{folder}/*.csv")):
            connection.execute(
                f"create view seeds.{file.stem} as from read_csv('{file}', all_varchar = true)"
            )
        yield connection


@pytest.mark.parametrize(("place", "number", "sql"), queried(of_build=False), ids=str)
def test_a_number_is_what_its_query_says(
    session: duckdb.DuckDBPyConnection, place: str, number: float, sql: str
) -> None:
    ((said,),) = session.execute(sql).fetchall()
    assert float(said) == number, place


def test_a_figure_stands_in_the_file_and_in_the_words_that_it_names() -> None:
    wrong = []
    for page, figure in stated():
        if figure.mark is not None and not QUERY.match(figure.mark):
            named = re.fullmatch(r"in (?P<file>[\w./-]+): (?P<words>.+)", figure.mark, re.DOTALL)
            assert named is not None, f"{page}:{figure.line}: neither query nor file: {figure.mark}"
            words, text = flat(named["words"]), flat((ROOT / named["file"]).read_text("utf-8"))
            if words not in text or figure.text.lstrip("−") not in numbers(words):
                wrong.append(f"{page}:{figure.line}: {figure.text} not in {named['file']}: {words}")
        elif figure.mark is None and figure.block is not None:
            how, name = figure.block.removeprefix("all ").split(" ", 1)
            text = (ROOT / name).read_text("utf-8")
            if how == "by":
                is_proven = Path(page).name in text
            else:
                printed = numbers(text, is_raw=name.endswith(".jsonl"))
                is_proven = figure.text.lstrip("−") in printed
            if not is_proven:
                wrong.append(f"{page}:{figure.line}: {figure.text} not {figure.block}")
    assert wrong == []


def flat(text: str) -> str:
    """Write a text in one line."""
    return " ".join(text.split())


def numbers(text: str, *, is_raw: bool = False) -> set[str]:
    """Return the numbers that a text holds as pages print them; raw ones also rounded."""
    found = re.findall(r"(?<![\w.])\d[\d,_]*(?:\.\d+)?", text)
    plain = {each.replace(",", "").replace("_", "") for each in found}
    printed = {f"{float(each):,.{len(each.partition('.')[2])}f}" for each in plain}
    printed |= plain | {f"{by * float(each):.6g}" for each in plain for by in (1, 100)}
    printed |= {f"{float(each):,.2f}" for each in plain if len(each.partition(".")[2]) < 2}
    if is_raw:
        places = [(by, to) for by in (1, 100) for to in range(5)]
        printed |= {f"{by * float(each):,.{to}f}" for each in plain for by, to in places}
    return printed


def test_every_figure_of_the_pages_is_proven() -> None:
    unproven = [
        f"{page}:{figure.line}: {figure.text}"
        for page, figure in stated()
        if figure.mark is None and figure.block is None and not page.startswith(GENERATED)
    ]
    assert unproven == [], "prove them, as `page_figures` says, or leave them out"


def test_figures_are_told_from_years_names_and_code() -> None:
    page = """
In 2022, 1,250 of 30 households (Table 1.4, `x = 17.5`) had 3.5 % more, 12 seconds, \\$20,000.
The top 1 percent of 54 FR 53600 and of Handbook 717.3 ends with exit code 130, the top 2.5.
On 5 May 2024<!-- no figure --> one 7<!-- select 7 --> of 250<!-- in x.md: 250 of --> was **−0.5**.

| 4.5 |
| 31 | <!-- all in y.md -->
| 6.25<!-- select 6.25 --> |

```text
99.9
```

## Sources

*JASA* 87, 1,234.
"""
    found = [(each.text, each.line, each.mark, each.block) for each in figures(page)]
    whole = "all in y.md"
    assert found == [
        *((text, 2, None, None) for text in ("1,250", "3.5", "12", "20,000")),
        ("2.5", 3, None, None),
        *(("7", 4, "select 7", None), ("250", 4, "in x.md: 250 of", None)),
        *(("−0.5", 4, None, None), ("4.5", 6, None, whole), ("6.25", 8, "select 6.25", whole)),
    ]


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
