"""Landing: a raw file becomes Parquet, every column text, once; then it is a cache hit."""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pyarrow.parquet as pq

from steelyard.sources.archive import extracted
from steelyard.sources.doors import Doors, SourceError
from steelyard.sources.fixed_width import land_fixed_width
from steelyard.sources.registry import Entry, named
from steelyard.sources.stata import stata_to_parquet
from steelyard.warehouse.checksum import sha256
from steelyard.warehouse.files import csv_to_parquet, replace_text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Landed:
    """A raw file that lies in the cache as Parquet, and the record of how it came there."""

    entry: str
    path: str
    raw_file: str
    raw_bytes: int
    raw_sha256: str
    row_count: int
    column_count: int
    landed_at: str
    raw_mtime_ns: int = 0

    @property
    def parquet(self) -> Path:
        """Where the Parquet file lies."""
        return Path(self.path)


class Landing:
    """The cache of landed files.

    Parameters
    ----------
    registry
        All entries, by name.
    doors
        Where raw files are found or made.
    folder
        The cache: ``<entry>-<hash>.parquet`` and, beside it, ``<entry>.json``.
    wanted
        Which raw columns of a wide file are read; from other files all columns land.
    """

    def __init__(
        self,
        registry: dict[str, Entry],
        doors: Doors,
        folder: Path,
        wanted: Callable[[Entry], Sequence[str]] | None = None,
    ) -> None:
        self.registry, self.doors, self.folder = registry, doors, folder
        self.wanted = wanted
        # Two models may ask for the same source at once; it lands once.
        self._landing = threading.Lock()

    def land(self, names: Sequence[str]) -> Landed:
        """Land the first of the named entries whose file is at hand.

        Raises
        ------
        RegistryError
            If a name is not in the registry.
        SourceError
            If none is at hand, or the file is not the one that was expected: the message has
            both hashes and what to do.
        """
        ((_, landed),) = self.land_all(names)
        return landed

    def land_all(
        self, patterns: Sequence[str], *, may_fetch: bool = True
    ) -> list[tuple[Entry, Landed]]:
        """Land every file of the first pattern that has all its files at hand.

        If none has, every file of the first pattern whose files are all published: what lies
        here is rather read than something better fetched.

        Parameters
        ----------
        patterns
            Entry names or globs over them, in order of preference.
        may_fetch
            Whether files are fetched; otherwise what is not here is missing.

        Returns
        -------
        list of (Entry, Landed)
            In order of vintage.

        Raises
        ------
        RegistryError
            If a pattern matches no entry.
        SourceError
            If no pattern has all its files, or a file is not the one expected.
        """
        wanted = [named(self.registry, pattern) for pattern in patterns]
        ways = (self.doors.find, self.doors.get) if may_fetch else (self.doors.find,)
        for get, (position, entries) in product(ways, enumerate(wanted)):
            raws = _until_missing(get, entries)
            if len(raws) < len(entries):
                continue
            if position:
                log.warning(
                    "%s is not at hand (%s); using %s instead",
                    patterns[0], wanted[0][0].how_to_get, patterns[position],
                )  # fmt: skip
            with self._landing:
                return [
                    (entry, self._land(entry, raw))
                    for entry, raw in zip(entries, raws, strict=True)
                ]
        missing = next(entry for entry in wanted[0] if self.doors.find(entry) is None)
        raise SourceError(self._missing(missing))

    def _missing(self, entry: Entry) -> str:
        ask = f"`steelyard fetch {entry.name}` fetches it. " if entry.door == "fetch" else ""
        return (
            f"{entry.name}: no file {Path(entry.dropped or entry.file).name} in "
            f"{self.doors.drop_folder(entry)}. {ask}"
            f"Expected sha256: {entry.sha256 or 'recorded on first read'}. {entry.how_to_get}"
        )

    def any_at_hand(self, patterns: Sequence[str]) -> bool:
        """Whether any file of any of the patterns is at hand."""
        entries = [entry for pattern in patterns for entry in named(self.registry, pattern)]
        return any(self.doors.find(entry) is not None for entry in entries)

    def _land(self, entry: Entry, raw: Path) -> Landed:
        if not raw.is_file() or raw.stat().st_size == 0:
            raise SourceError(f"{entry.name}: {raw} is missing or empty. {entry.how_to_get}")
        record = self.folder / f"{entry.name}.json"
        earlier = _read_record(record)
        stamp = (raw.name, raw.stat().st_size, raw.stat().st_mtime_ns)
        only = self.wanted(entry) if entry.is_wide and self.wanted is not None else None
        if earlier is not None and not (earlier.parquet.is_file() and _holds(earlier, only)):
            earlier = replace(earlier, path="")
        if earlier is not None and earlier.path and _stamp(earlier) == stamp:
            # Nothing has touched the file since it was hashed: gigabytes need no second reading.
            return earlier
        found = sha256(raw)
        self._refuse_another(entry, raw, found, earlier)
        if earlier is not None and earlier.path and earlier.raw_sha256 == found:
            landed = replace(earlier, raw_file=raw.name, raw_mtime_ns=stamp[2])
        else:
            landed = self._convert(entry, raw, found, only)
        replace_text(record, json.dumps(asdict(landed), indent=2) + "\n")
        return landed

    def _refuse_another(self, entry: Entry, raw: Path, found: str, earlier: Landed | None) -> None:
        expected = entry.sha256
        if expected is None and earlier is not None and entry.door in ("drop", "fetch"):
            expected = earlier.raw_sha256
        if expected is not None and found != expected:
            raise SourceError(
                f"{entry.name}: {raw} is not the file that was expected.\n"
                f"  expected sha256 {expected}\n  found sha256    {found}\n"
                f"It may be truncated or another edition ({entry.url}). {entry.how_to_get} "
                f"If the new file is meant, delete {self.folder / f'{entry.name}.json'}."
            )

    def _landed_elsewhere(self, entry: Entry, found: str) -> Landed | None:
        """Return the landed text that another vintage already took from the same file."""
        for other in self.registry.values():
            if (other.survey, other.record, other.member) != (
                entry.survey, entry.record, entry.member
            ) or other.name == entry.name:  # fmt: skip
                continue
            known = _read_record(self.folder / f"{other.name}.json")
            if known is not None and known.raw_sha256 == found and known.parquet.is_file():
                return replace(known, entry=entry.name)
        return None

    def _convert(self, entry: Entry, raw: Path, found: str, only: Sequence[str] | None) -> Landed:
        if entry.survey is not None and (known := self._landed_elsewhere(entry, found)):
            return replace(known, raw_file=raw.name, raw_mtime_ns=raw.stat().st_mtime_ns)
        parquet = self.folder / f"{entry.name}-{found[:12]}.parquet"
        rows, columns = self._to_parquet(entry, raw, parquet, only)
        return Landed(
            entry=entry.name,
            path=str(parquet),
            raw_file=raw.name,
            raw_bytes=raw.stat().st_size,
            raw_sha256=found,
            row_count=rows,
            column_count=columns,
            landed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            raw_mtime_ns=raw.stat().st_mtime_ns,
        )

    def _to_parquet(
        self, entry: Entry, raw: Path, parquet: Path, only: Sequence[str] | None
    ) -> tuple[int, int]:
        if entry.layout is not None:
            return land_fixed_width(
                raw, parquet, member=entry.member, layout=entry.layout, encoding=entry.encoding
            )
        with extracted(raw, entry.member, beside=self.folder) as text:
            if text.suffix.lower() == ".dta":
                return stata_to_parquet(text, parquet)
            return csv_to_parquet(
                text, parquet, delimiter=entry.delimiter, encoding=entry.encoding, only=only
            )


def _until_missing(get: Callable[[Entry], Path | None], entries: Sequence[Entry]) -> list[Path]:
    """Return the raw files of the entries before the first that has none."""
    found = []
    for entry in entries:
        raw = get(entry)
        if raw is None:
            break
        found.append(raw)
    return found


def forget(folder: Path, entry: Entry) -> None:
    """Take a raw file that differs from the one landed before as the one that is meant."""
    (folder / f"{entry.name}.json").unlink(missing_ok=True)


def _holds(landed: Landed, only: Sequence[str] | None) -> bool:
    """Whether a landed file has the columns that are wanted now."""
    if only is None:
        return True
    there = {name.lower() for name in pq.read_schema(landed.path).names}
    return {name.lower() for name in only} <= there


def _stamp(landed: Landed) -> tuple[str, int, int]:
    return landed.raw_file, landed.raw_bytes, landed.raw_mtime_ns


def _read_record(record: Path) -> Landed | None:
    if not record.is_file():
        return None
    try:
        known = json.loads(record.read_text(encoding="utf-8"))
        # The checkout may have moved since.
        return Landed(**known | {"path": str(record.parent / Path(known["path"]).name)})
    except (ValueError, TypeError, KeyError) as error:
        raise SourceError(f"{record} cannot be read; delete it: {error}") from error
