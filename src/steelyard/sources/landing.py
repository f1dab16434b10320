"""Landing: a raw file becomes Parquet, every column text, once; then it is a cache hit."""

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from steelyard.sources.doors import Doors, SourceError, sha256
from steelyard.sources.registry import Entry, RegistryError
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
    """

    def __init__(self, registry: dict[str, Entry], doors: Doors, folder: Path) -> None:
        self.registry, self.doors, self.folder = registry, doors, folder
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
        for name in names:
            if name not in self.registry:
                known = ", ".join(self.registry)
                raise RegistryError(f"source {name!r} is not registered; known are {known}")
        for position, name in enumerate(names):
            entry = self.registry[name]
            raw = self.doors.find(entry)
            if raw is None:
                continue
            if position:
                log.warning(
                    "%s is not at hand (%s); using %s instead",
                    names[0], self.registry[names[0]].how_to_get, name,
                )  # fmt: skip
            with self._landing:
                return self._land(entry, raw)
        wanted = self.registry[names[0]]
        raise SourceError(
            f"{wanted.name}: no file {wanted.file} in {self.doors.drop_folder(wanted)}. "
            f"Expected sha256: {wanted.sha256 or 'recorded on first read'}. {wanted.how_to_get}"
        )

    def _land(self, entry: Entry, raw: Path) -> Landed:
        if not raw.is_file() or raw.stat().st_size == 0:
            raise SourceError(f"{entry.name}: {raw} is missing or empty. {entry.how_to_get}")
        found = sha256(raw)
        record = self.folder / f"{entry.name}.json"
        earlier = _read_record(record)
        expected = entry.sha256
        if expected is None and earlier is not None and entry.door == "drop":
            expected = earlier.raw_sha256
        if expected is not None and found != expected:
            raise SourceError(
                f"{entry.name}: {raw} is not the file that was expected.\n"
                f"  expected sha256 {expected}\n  found sha256    {found}\n"
                f"It may be truncated or another edition ({entry.url}). {entry.how_to_get} "
                f"If the new file is meant, delete {record}."
            )
        if earlier is not None and earlier.raw_sha256 == found and earlier.parquet.is_file():
            return earlier
        parquet = self.folder / f"{entry.name}-{found[:12]}.parquet"
        rows, columns = csv_to_parquet(
            raw, parquet, delimiter=entry.delimiter, encoding=entry.encoding
        )
        landed = Landed(
            entry=entry.name,
            path=str(parquet),
            raw_file=raw.name,
            raw_bytes=raw.stat().st_size,
            raw_sha256=found,
            row_count=rows,
            column_count=columns,
            landed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        replace_text(record, json.dumps(asdict(landed), indent=2) + "\n")
        return landed


def _read_record(record: Path) -> Landed | None:
    if not record.is_file():
        return None
    try:
        known = json.loads(record.read_text(encoding="utf-8"))
        # The checkout may have moved since.
        return Landed(**known | {"path": str(record.parent / Path(known["path"]).name)})
    except (ValueError, TypeError, KeyError) as error:
        raise SourceError(f"{record} cannot be read; delete it: {error}") from error
