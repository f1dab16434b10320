"""A panel's years on disk: each whole or not there, and read only as it was written."""

import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.warehouse.checksum import sha256
from steelyard.warehouse.unfinished import workplace

#: What a year has at least; `steelyard.panel` says what each holds.
TABLES = ("person", "dead", "marriage", "life", "history", "event")
RECORD = "partition.json"
#: Tables that each year adds to; all others are of the year.
_ADDED = ("dead", "life", "history")
_EARNED, _EARNED_COLUMNS = "earned", ("person_id", "earnings")
_ROWS_OF_A_GROUP = 122_880
_LOCK = ".lock"


class PanelError(RuntimeError):
    """A panel cannot be aged; the message says why, what stays, and what to do."""


class AlteredPartitionError(PanelError):
    """A year on disk is not what was written."""


class BusyPanelError(PanelError):
    """Another process is at work on the panel."""


@dataclass(frozen=True)
class Partition:
    """One year of one imputation, as its record says.

    Parameters
    ----------
    imputation, year
        Which.
    key
        Hash of all that decides its tables.
    tables
        Table to ``sha256``, ``row_count`` and ``byte_count`` of its file.
    seconds
        What it took to read, age and write.
    peak_bytes
        Most memory of the process that made it, meanwhile.
    """

    imputation: int
    year: int
    key: str
    tables: Mapping[str, Mapping[str, Any]]
    seconds: float
    peak_bytes: int

    @property
    def hashes(self) -> dict[str, str]:
        """The hash of each table's file."""
        return {name: str(table["sha256"]) for name, table in sorted(self.tables.items())}


def partition_key(panel: str, imputation: int, year: int, before: Partition | None) -> str:
    """Hash what decides the tables of a year.

    Parameters
    ----------
    panel
        Hash of what all years share: base, plan, code.
    imputation, year
        Which.
    before
        The year before; None for the first.
    """
    told = [panel, imputation, year, before.hashes if before else None]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class Store:
    """The folder of one panel, ``imputation=<i>/year=<t>/<table>.parquet``.

    Parameters
    ----------
    root
        ``panels/<target>/<panel>``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        #: Files that were hashed here and found right, as they were then.
        self._right: dict[Path, tuple[int, int, int]] = {}

    def folder(self, imputation: int, year: int) -> Path:
        """Return where a year lies, or would."""
        return self._lane(imputation) / f"year={year}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other process from the panel; the lock of a killed process is free.

        Raises
        ------
        BusyPanelError
            If another holds it; the message says who.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                who = os.read(handle, 1000).decode(errors="replace").strip() or "another process"
                raise BusyPanelError(
                    f"{self.root} is being aged by {who}. Let it end, or stop it, and the same "
                    "command goes on from the last finished year"
                ) from error
            began = datetime.now().astimezone().isoformat(timespec="seconds")
            os.truncate(handle, 0)
            os.write(
                handle, f"process {os.getpid()} on {socket.gethostname()} since {began}\n".encode()
            )
            yield
            os.truncate(handle, 0)
        finally:
            os.close(handle)

    def write(
        self,
        tables: Mapping[str, pa.Table],
        *,
        imputation: int,
        year: int,
        key: str,
        cost: Callable[[], tuple[float, int]] = lambda: (0.0, 0),
    ) -> Partition:
        """Write a year, whole or not at all; one that is there under the same key stays.

        Parameters
        ----------
        tables
            Each of `TABLES`, and any others.
        imputation, year, key
            Which, and what decided it.
        cost
            Asked when the tables are written: seconds, and peak bytes.

        Raises
        ------
        PanelError
            If a table is missing.
        NoSpaceError
            If the disk is full.
        """
        lacking = [name for name in TABLES if name not in tables]
        if lacking:
            raise PanelError(
                f"imputation {imputation}, {year}: a year has {', '.join(TABLES)}; missing: "
                f"{', '.join(lacking)}"
            )
        final = self.folder(imputation, year)
        with workplace(final.parent) as place:
            unfinished = place / final.name
            unfinished.mkdir()
            files = {name: _write(unfinished, name, table) for name, table in tables.items()}
            seconds, peak = cost()
            made = Partition(imputation, year, key, files, round(seconds, 3), peak)
            _write_text(unfinished / RECORD, json.dumps(asdict(made), indent=2) + "\n")
            sync(unfinished)
            try:
                unfinished.rename(final)
            except OSError:
                there = self.find(imputation, year, key)
                if there is None:
                    raise
                return there
            sync(final.parent)
        return made

    def find(self, imputation: int, year: int, key: str) -> Partition | None:
        """Return the year if it is there, right to the last byte; None if it is not.

        Raises
        ------
        AlteredPartitionError
            If it was altered, or made from other inputs than ``key`` says.
        """
        folder = self.folder(imputation, year)
        if not folder.is_dir():
            return None
        found = self.record(imputation, year)
        if found.key != key:
            raise AlteredPartitionError(
                f"{folder}: made from other inputs: expected key {key}, found {found.key}. "
                f"{_again(year)}"
            )
        for name, table in found.tables.items():
            self._check(folder / f"{name}.parquet", str(table["sha256"]), year)
        return found

    def kept(self, panel: str, imputation: int, first: int) -> list[Partition]:
        """Return the years that need not be made again, in order, each checked.

        Parameters
        ----------
        panel
            Hash of what all years share, see `partition_key`.
        imputation
            Which.
        first
            The base year.

        Raises
        ------
        AlteredPartitionError
            If one was altered, or is missing though later ones are there.
        """
        there = self.years(imputation)
        found: list[Partition] = []
        for year in range(first, max(there, default=first - 1) + 1):
            key = partition_key(panel, imputation, year, found[-1] if found else None)
            partition = self.find(imputation, year, key)
            if partition is None:
                raise AlteredPartitionError(
                    f"{self.folder(imputation, year)} is missing, though later years are there. "
                    f"{_again(year)}"
                )
            found.append(partition)
        return found

    def forget(self, year: int) -> int:
        """Remove a year and all later ones of every imputation, the last first; count them."""
        gone = 0
        for lane in self.root.glob("imputation=*"):
            imputation = int(lane.name.partition("=")[2])
            for later in reversed(self.years(imputation)):
                if later >= year:
                    with workplace(lane) as place:
                        self.folder(imputation, later).rename(place / "forgotten")
                    gone += 1
        return gone

    def parts(self, imputation: int, year: int) -> "Parts":
        """Return the state at the end of a year; see `Parts`."""
        return Parts(self, imputation, year)

    def read(
        self, imputation: int, year: int, table: str, columns: tuple[str, ...] | None = None
    ) -> pa.Table:
        """Read a table of a year, or some of its columns.

        Raises
        ------
        AlteredPartitionError
            If its file is missing or altered.
        """
        path = self.folder(imputation, year) / f"{table}.parquet"
        expected = self.record(imputation, year).tables[table]["sha256"]
        self._check(path, str(expected), year)
        return pq.read_table(path, columns=columns and list(columns), partitioning=None)

    def years(self, imputation: int) -> list[int]:
        """Return the years that are there, unchecked, in order."""
        folders = self._lane(imputation).glob("year=*")
        return sorted(int(folder.name.partition("=")[2]) for folder in folders)

    def record(self, imputation: int, year: int) -> Partition:
        """Return what a year says of itself; its files are not looked at.

        Raises
        ------
        AlteredPartitionError
            If it says nothing.
        """
        path = self.folder(imputation, year) / RECORD
        try:
            return Partition(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, TypeError, ValueError) as error:
            raise AlteredPartitionError(
                f"{path} does not say what the year holds ({error}). {_again(year)}"
            ) from error

    def _lane(self, imputation: int) -> Path:
        return self.root / f"imputation={imputation}"

    def _check(self, path: Path, expected: str, year: int) -> None:
        """Hash a file, once as long as it stays as it is."""
        found = "no file"
        with suppress(FileNotFoundError):
            status = path.stat()
            state = (status.st_ino, status.st_size, status.st_mtime_ns)
            if self._right.get(path) == state:
                return
            found = sha256(path)
            if found == expected:
                self._right[path] = state
                return
        raise AlteredPartitionError(
            f"{path} is not what was written: expected {expected}, found {found}. {_again(year)}"
        )


class Parts(Mapping[str, pa.Table]):
    """What is known at the end of a year, each part read when it is asked for.

    ``dead``, ``life`` and ``history`` are of all years so far; ``earned`` has person_id, year and
    earnings of each; every other table is the year's own.
    """

    def __init__(self, store: Store, imputation: int, year: int) -> None:
        self._store, self._imputation, self._year = store, imputation, year

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self._names():
            raise KeyError(name)
        if name == _EARNED:
            return pa.concat_tables(self._earned(year) for year in self._years())
        years = self._years() if name in _ADDED else [self._year]
        return pa.concat_tables(self._store.read(self._imputation, year, name) for year in years)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def _names(self) -> list[str]:
        return [*self._store.record(self._imputation, self._year).tables, _EARNED]

    def _years(self) -> list[int]:
        return [year for year in self._store.years(self._imputation) if year <= self._year]

    def _earned(self, year: int) -> pa.Table:
        table = self._store.read(self._imputation, year, "person", _EARNED_COLUMNS)
        years = pa.repeat(pa.scalar(year, pa.int16()), table.num_rows)
        return table.add_column(1, "year", years)


def _write(folder: Path, name: str, table: pa.Table) -> dict[str, Any]:
    """Write a table so that its bytes hang on its rows and the library's version alone."""
    path = folder / f"{name}.parquet"
    plain = table.replace_schema_metadata(None).combine_chunks()
    pq.write_table(plain, path, compression="zstd", row_group_size=_ROWS_OF_A_GROUP)
    sync(path)
    return {
        "sha256": sha256(path),
        "row_count": table.num_rows,
        "byte_count": path.stat().st_size,
    }


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    sync(path)


def sync(path: Path) -> None:
    """Let a file or folder survive a failure of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _again(year: int) -> str:
    return f"Make it and what follows anew: steelyard panel --again-from {year}"
