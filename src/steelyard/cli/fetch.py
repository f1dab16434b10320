"""``steelyard fetch``: bring published files here, list them, and ask what is new."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steelyard.sources.doors import Doors, SourceError, asking
from steelyard.sources.download import DownloadError, recorded
from steelyard.sources.freshness import Freshness, Question, check
from steelyard.sources.landing import forget
from steelyard.sources.meter import Meter
from steelyard.sources.registry import (
    Entry,
    RegistryError,
    entries_of_target,
    load_registry,
    load_upcoming,
    named,
)

NEWS = 3
INTERRUPTED = 130
HELP = "bring published files here, list all, or ask publishers what is new"
DETAILS = (
    "Files are fetched from their publishers, or from the folder or address in STEELYARD_MIRROR, "
    "into fetched/. Exit codes: 0 all is well; 1 something could not be had; 3 --check found "
    "something changed, gone, or newly published; 130 interrupted, to be resumed by the next fetch."
)


@dataclass(frozen=True)
class _File:
    """One file, and the entries that read it."""

    entries: tuple[Entry, ...]

    @property
    def one(self) -> Entry:
        """Any of them: what is asked here is the same for all."""
        return self.entries[0]

    @property
    def label(self) -> str:
        """Its entries, or the first and how many more."""
        names = [entry.name for entry in self.entries]
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def add_fetch(commands: Any) -> None:
    """Add the command to a parser's."""
    fetch = commands.add_parser("fetch", help=HELP, description=DETAILS)
    fetch.add_argument("names", nargs="*", metavar="NAME", help="an entry, or a glob over entries")
    fetch.add_argument("--target", help="what this build reads")
    mode = fetch.add_mutually_exclusive_group()
    mode.add_argument("--list", action="store_true", help="only say where each file lies")
    mode.add_argument("--check", action="store_true", help="only ask what is new, changed or gone")
    mode.add_argument(
        "--renew", action="store_true", help="ask also for files that lie here; take changed ones"
    )
    fetch.add_argument("--dry-run", action="store_true", help="of --check: say what it would ask")
    fetch.set_defaults(run=run_fetch)


def run_fetch(chosen: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    root = Path.cwd()
    entries = _chosen(root, chosen)
    if chosen.list:
        return _list(entries, Doors(root, root / "build" / "cache"))
    if chosen.check:
        return _check(entries, Doors(root, root / "build" / "cache"), chosen)
    try:
        return _fetch(entries, root, chosen)
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; what has come is kept, and the next fetch goes on there\n")
        return INTERRUPTED


def _chosen(root: Path, chosen: argparse.Namespace) -> list[Entry]:
    registry = load_registry()
    if chosen.names and chosen.target:
        raise RegistryError("give names or --target, not both")
    if chosen.dry_run and not chosen.check:
        raise RegistryError("--dry-run belongs to --check")
    if chosen.target:
        return [
            entry
            for name in entries_of_target(root, chosen.target)
            for entry in named(registry, name)
        ]
    if chosen.names:
        found = {entry.name: entry for name in chosen.names for entry in named(registry, name)}
        return list(found.values())
    if not chosen.list and not chosen.check:
        raise RegistryError(
            "name what to fetch, or give --target; `steelyard fetch --list` lists all there is"
        )
    return [entry for entry in registry.values() if not entry.is_synthetic]


def _files(entries: Iterable[Entry]) -> list[_File]:
    """Put entries of one file together, in the order in which they come."""
    groups: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.door, entry.url, entry.file), []).append(entry)
    return [_File(tuple(group)) for group in groups.values()]


def _fetch(entries: Sequence[Entry], root: Path, chosen: argparse.Namespace) -> int:
    doors = Doors(root, root / "build" / "cache", progress=_meter())
    failures, by_hand = 0, dict[str, list[str]]()
    for file in _files(entries):
        try:
            place = _at_hand(file, doors)
            if file.one.door == "fetch" and (place is None or chosen.renew):
                _bring(file, doors, renew=chosen.renew)
            elif file.one.door == "demo":
                print(f"no need   {file.label}: the demo world writes it when it is first read")
            elif place is not None:
                print(f"at hand   {file.label}: {_shown(place)}")
            else:
                by_hand.setdefault(file.one.how_to_get, []).append(file.label)
        except (DownloadError, SourceError) as error:
            failures += 1
            sys.stderr.write(f"steelyard fetch: {file.label}: {error}\n  {file.one.how_to_get}\n")
    for how, labels in by_hand.items():
        print(f"by hand   {', '.join(labels)}\n          {how}")
    return 1 if failures or (by_hand and chosen.names) else 0


def _bring(file: _File, doors: Doors, *, renew: bool) -> None:
    destination = doors.destination(file.one)
    before = recorded(destination)
    here = doors.fetch(file.one, asking(is_refreshing=renew))
    is_another = before is not None and before.sha256 != here.sha256
    if is_another:
        # Whoever renews a file means the new one.
        for entry in file.entries:
            forget(doors.landed, entry)
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    told = "renewed" if is_another else "unchanged" if before == here else "fetched"
    print(f"{told:10}{file.label}: {_shown(here.path)} ({here.bytes / 1e6:,.1f} MB)")


def _list(entries: Sequence[Entry], doors: Doors) -> int:
    before = ""
    for file in _files(entries):
        where = _where(file, doors)
        # Dozens of waves come by hand in one way.
        said = "by hand, as above" if where == before and where.startswith("by hand") else where
        print(f"{file.label}\n    {file.one.access_class}, {said}")
        before = where
    return 0


def _where(file: _File, doors: Doors) -> str:
    if file.one.door == "demo":
        return "written by the demo world when it is first read"
    try:
        place = _at_hand(file, doors)
    except SourceError as error:
        return f"not at hand: {error}"
    if place is not None:
        here = recorded(place)
        since = f", fetched {here.retrieved_at[:10]}" if here is not None else ""
        return f"at hand: {_shown(place)} ({place.stat().st_size / 1e6:,.1f} MB{since})"
    if file.one.door == "fetch":
        return f"to be fetched: {file.one.url}"
    return f"by hand: {file.one.how_to_get}"


def _at_hand(file: _File, doors: Doors) -> Path | None:
    """Return where a file lies for all of its entries; None where one has to do without."""
    if file.one.door == "demo":
        return None
    places = [doors.find(entry) for entry in file.entries]
    return places[0] if all(place is not None and place.is_file() for place in places) else None


def _check(entries: Sequence[Entry], doors: Doors, chosen: argparse.Namespace) -> int:
    files = _files(entry for entry in entries if entry.door == "fetch")
    surveys = {entry.survey for file in files for entry in file.entries}
    coming = _files(entry for entry in load_upcoming().values() if entry.survey in surveys)
    questions = [Question(file.label, file.one.url, doors.destination(file.one)) for file in files]
    questions += [Question(f"{file.label} (next vintage)", file.one.url) for file in coming]
    count = iter(range(1, len(questions) + 1))

    def tell(_: Freshness) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{next(count)} of {len(questions)} asked")

    answers = check(
        questions,
        mirror=doors.mirror,
        is_dry_run=chosen.dry_run,
        progress=tell,
        options=asking(),
    )
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    for answer in answers:
        print(f"{answer.state:12} {answer.name}", answer.url, answer.told, sep="\n             ")
    states = [answer.state for answer in answers]
    print(", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    is_published = "new" in states[len(files) :]
    if is_published or {"changed", "gone"} & {*states}:
        return NEWS
    return 1 if "unreachable" in states else 0


def _meter() -> Meter:
    """Tell of transfers on standard error: on one line of a terminal, else now and then."""
    is_terminal = sys.stderr.isatty()

    def tell(line: str) -> None:
        sys.stderr.write(f"\r\033[K{line}" if is_terminal else f"{line}\n")
        sys.stderr.flush()

    return Meter(tell, every_seconds=0.2 if is_terminal else 10)


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
