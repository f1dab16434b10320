"""The ``steelyard`` command: what was released, whether it is whole, what it is made from."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from steelyard.cli.demo import add_demo
from steelyard.cli.fetch import add_fetch
from steelyard.cli.implicates import add_implicates
from steelyard.cli.panel import add_panel
from steelyard.cli.publish import add_publish
from steelyard.cli.stages import add_stages
from steelyard.flows.partitions import PanelError
from steelyard.release import (
    ReleaseError,
    compare_targets,
    find_release,
    latest_release,
    target_set,
    verify,
)
from steelyard.release.changelog import draft_changelog
from steelyard.release.comparison import compare_releases
from steelyard.release.revisions import is_day_or_time
from steelyard.release.variable_pages import render_pages, render_variable
from steelyard.release.variables import (
    DictionaryError,
    find_variables,
    load_surveys,
    load_tables,
)
from steelyard.sources.doors import Doors, SourceError
from steelyard.sources.download import DownloadError
from steelyard.sources.facts import load_benchmarks, load_facts
from steelyard.sources.facts_problem import FactsError
from steelyard.sources.registry import Entry, RegistryError, entries_of_target, load_registry
from steelyard.warehouse.files import replace_text
from steelyard.warehouse.history import HistoryError
from steelyard.warehouse.implicates import ImplicateError
from steelyard.warehouse.query import QueryError, query_parquet
from steelyard.warehouse.unfinished import NoSpaceError

HEADLINES = """
    select * from val_headline
    inner join (
        values (1, 'population'), (2, 'adjusted_gross_income'), (3, 'official_poverty_rate')
    ) as wanted (place, metric) using (metric)
    order by place
"""
SHOWN = 40  # revisions of one kind that are printed; a CSV has all
ERRORS = (
    DictionaryError,
    DownloadError,
    FactsError,
    HistoryError,
    ImplicateError,
    NoSpaceError,
    PanelError,
    QueryError,
    RegistryError,
    ReleaseError,
    SourceError,
)
SCALES = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
QUESTION = (
    "select filing_status, round(sum(calibrated_weight)) as returns, "
    "round(sum(adjusted_gross_income * calibrated_weight) / 1e9) as agi_billions "
    "from '{release}/tax_unit.parquet' where is_filer group by all order by all"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 1 with a message on standard error.

    `steelyard fetch` has more of them, which its help tells.
    """
    chosen = _parser().parse_args(arguments)
    try:
        code = int(chosen.run(chosen) or 0)
        sys.stdout.flush()
    except ERRORS as error:
        sys.stderr.write(f"steelyard {chosen.command}: {error}\n")
        return 1
    except BrokenPipeError:
        # Whoever reads the list, `head` perhaps, has read enough; Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="steelyard",
        description="Look at what `dbt build` has released. Run it in the checkout.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show", help="the latest release: figures, gates, a line to try")
    show.add_argument("--target", default="demo", help="the build (default: demo)")
    show.set_defaults(run=_show)
    check = commands.add_parser("verify", help="check a release against its checksums")
    check.add_argument("release", nargs="?", type=Path, help="a release's folder")
    check.add_argument("--target", default="demo", help="else the latest release of this build")
    check.set_defaults(run=_verify)
    diff = commands.add_parser("diff", help="what changed from one release to another")
    diff.add_argument("old", help="a release's folder, or its version")
    diff.add_argument("new", nargs="?", help="another (default: the latest of the build)")
    diff.add_argument("--target", default="demo", help="the build (default: demo)")
    diff.set_defaults(run=_diff)
    sources = commands.add_parser("sources", help="the raw files: terms, and how to get them")
    sources.add_argument("--target", help="only what this build reads")
    sources.set_defaults(run=_sources)
    add_fetch(commands)
    add_demo(commands)
    add_publish(commands)
    add_stages(commands)
    add_implicates(commands)
    add_panel(commands)
    words = commands.add_parser("dictionary", help="a harmonised variable: codes, years, sources")
    wanted = words.add_mutually_exclusive_group(required=True)
    wanted.add_argument("name", nargs="?", help="a variable, or table.variable")
    wanted.add_argument("--write", type=Path, metavar="FOLDER", help="write the pages of all")
    words.set_defaults(run=_dictionary)
    targets = commands.add_parser("targets", help="the published facts: check them, compare sets")
    kinds = targets.add_subparsers(dest="kind", required=True)
    checked = kinds.add_parser("check", help="read every fact, and say what is wrong with any")
    checked.set_defaults(run=_targets_check)
    diff = kinds.add_parser("diff", help="what was gained, lost and revised between two sets")
    moment = "a day (2026-11-30), a time (2026-11-30T14:05), or a release: its name, folder, latest"
    diff.add_argument("before", help=moment)
    diff.add_argument("after", help="likewise")
    diff.add_argument("--target", default="demo", help="the build (default: demo)")
    diff.add_argument("--csv", type=Path, metavar="FILE", help="write every difference to a file")
    diff.set_defaults(run=_targets_diff)
    return parser


def _show(chosen: argparse.Namespace) -> None:
    pointer = Path("releases") / chosen.target
    release = latest_release(pointer)
    manifest = verify(release)
    print(f"\nRelease   {pointer / release.name}")
    if manifest["is_synthetic"]:
        print(f"          SYNTHETIC: made-up records in {manifest['synthetic_sources']}")
    print(f"\n{'':34}{'ours':>16}{'before weighing':>18}{'published':>16}  by")
    for row in query_parquet(release, HEADLINES).to_dict("records"):
        figures = [
            _figure(row[f"{name}_value"], row["unit"])
            for name in ("calibrated", "initial", "published")
        ]
        widths = "{:>16}{:>18}{:>16}".format(*figures)
        print(f"{row['label']:34}{widths}  {row['publisher']}, {row['source']}")
    gates = query_parquet(release, "from val_gate order by gate")
    print(f"\nGates     {gates['is_met'].sum()} of {len(gates)} met")
    for gate in gates[~gates["is_met"]].to_dict("records"):
        found = "nothing" if pd.isna(gate["measured_value"]) else f"{gate['measured_value']:.4g}"
        print(f"          not met: {gate['gate']} {gate['limit_value']:g}, measured {found}")
    sql = QUESTION.format(release=pointer / "latest")
    python = _from_here(Path(sys.executable).with_name("python"))
    print(f"\nTry       {python} -c \"import duckdb; duckdb.sql('''{sql}''').show()\"")


def _verify(chosen: argparse.Namespace) -> None:
    release = chosen.release or latest_release(Path("releases") / chosen.target)
    manifest = verify(release)
    print(f"{_from_here(release)}: whole, {len(manifest['files'])} tables as released")


def _diff(chosen: argparse.Namespace) -> None:
    releases = Path("releases") / chosen.target
    new = find_release(releases, chosen.new) if chosen.new else latest_release(releases)
    print(draft_changelog(compare_releases(find_release(releases, chosen.old), new)), end="")


def _sources(chosen: argparse.Namespace) -> None:
    root, registry = Path.cwd(), load_registry()
    names = list(registry) if chosen.target is None else entries_of_target(root, chosen.target)
    doors = Doors(root, root / "build" / "cache")
    for name in names:
        if name not in registry:
            raise RegistryError(f"{name!r} is not registered; known are {', '.join(registry)}")
        entry = registry[name]
        synthetic = ", synthetic" if entry.is_synthetic else ""
        print(
            f"\n{name}\n    {entry.title}\n    {entry.producer}, {entry.vintage}, {entry.licence}"
        )
        print(f"    {entry.access_class}{synthetic}, door: {entry.door}")
        print(f"    {_at_hand(entry, doors)}")


def _dictionary(chosen: argparse.Namespace) -> None:
    tables, surveys = load_tables(Path.cwd()), load_surveys(Path.cwd())
    if chosen.write is None:
        found = find_variables(tables, chosen.name)
        for table, variable in found:
            print(f"{table.name}\n\n{render_variable(variable, table, surveys)}\n")
        return
    pages = render_pages(tables, surveys)
    for name, text in pages.items():
        replace_text(chosen.write / name, text)
    print(f"{len(pages)} pages written to {chosen.write}")


def _targets_check(_: argparse.Namespace) -> None:
    facts, benchmarks = load_facts(Path.cwd()), load_benchmarks(Path.cwd())
    files = len(set(facts["seed_file"].to_pylist()))
    print(
        f"{facts.num_rows:,} facts in {files} files, {benchmarks.num_rows:,} benchmarks: all right"
    )


def _targets_diff(chosen: argparse.Namespace) -> None:
    names = (chosen.before, chosen.after)
    if is_day_or_time(names[0]) != is_day_or_time(names[1]):
        raise ReleaseError(
            f"{names[0]} and {names[1]} cannot be compared: history keeps every fact, a release "
            "those it read as targets. Give two days, or two releases"
        )
    before, after = (target_set(Path.cwd(), chosen.target, name) for name in names)
    listed = compare_targets(before, after)
    counts = listed["change"].value_counts()
    told = ", ".join(f"{counts.get(kind, 0):,} {kind}" for kind in ("revised", "gained", "lost"))
    sizes = f"{len(before):,} targets then, {len(after):,} now"
    print(f"{chosen.before} to {chosen.after}: {told}; {sizes}")
    for kind, rows in listed.groupby("change", sort=False):
        print(f"\n{kind}")
        for row in rows.head(SHOWN).to_dict("records"):
            print(f"  {row['target_id']}\n      {_revision(row)}")
        if len(rows) > SHOWN:
            print(f"  ... and {len(rows) - SHOWN:,} more; --csv FILE writes them all")
    if chosen.csv is not None:
        replace_text(chosen.csv, listed.to_csv(index=False))
        print(f"\n{len(listed):,} rows written to {chosen.csv}")


def _revision(row: dict[Any, Any]) -> str:
    pair = (row["value_before"], row["value_after"])
    values = dict.fromkeys(f"{value:,.15g}" for value in pair if pd.notna(value))
    told = f"{row['publisher']}, {row['source_table']}: {' -> '.join(values)} {row['unit']}"
    if row["change"] != "revised":
        return told
    if pd.notna(row["relative_change"]) and row["relative_change"]:
        told += f" ({row['relative_change']:+.2%})"
    return f"{told}; revised: {row['revised_columns']}"


def _at_hand(entry: Entry, doors: Doors) -> str:
    if entry.door == "demo":
        return "at hand: written when first read"
    try:
        raw = doors.find(entry)
    except SourceError as error:
        return f"not at hand: {error}"
    if raw is None or not raw.is_file():
        return f"not at hand: {entry.how_to_get}"
    return f"at hand: {_from_here(raw)}"


def _figure(value: float, unit: str) -> str:
    if pd.isna(value):
        return "–"
    if unit == "share":
        return f"{100 * value:.1f} %"
    dollar = "$" if unit == "USD" else ""
    for scale, name in SCALES:
        if abs(value) >= scale:
            return f"{dollar}{value / scale:,.2f}{name}"
    return f"{dollar}{value:,.6g}"


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
