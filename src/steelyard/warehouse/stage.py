"""Costly stages, remembered by content: what was computed once from the same inputs is read.

A build that was interrupted, or in which one fact changed, computes again only what is new:
the key of a result is a hash of the input tables, the options, the code that can be reached from
the computing function and the options, and the versions of the libraries that compute.
"""

import hashlib
import json
import logging
import resource
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from steelyard.warehouse.export import without_negative_zeros
from steelyard.warehouse.monitor import note_cache
from steelyard.warehouse.rooms import code_hash

log = logging.getLogger(__name__)

FOLDER = Path("build/cache/stages")
KEPT = 6
LIBRARIES = ("numba", "numpy", "pandas", "scikit-learn", "scipy", "taxcalc", "torch")


def run_stage(  # noqa: PLR0913  a stage, what decides its result, and what only helps
    name: str,
    compute: Callable[..., pa.Table],
    inputs: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    progress: Callable[[Any], None] | None = None,
    resumes: bool = False,
    folder: Path = FOLDER,
) -> pa.Table:
    """Return ``compute(**inputs, **options)``, from the cache where nothing has changed.

    Parameters
    ----------
    name
        The stage, part of the cached file's name.
    compute
        Takes Arrow tables by the names of ``inputs``, and the options; returns one.
    inputs
        DuckDB relations, each ordered by a key: row order is part of the content.
    options
        What else decides the result; anything that JSON can say, or a dataclass's ``repr``.
    progress
        Passed on to ``compute`` where given; it decides nothing, so it is not part of the key.
    resumes
        Pass earlier results on as ``earlier``, the latest first; they must decide nothing.
    folder
        Where results are kept, the latest ``KEPT`` of each stage.

    Notes
    -----
    The result is written beside its place and renamed: an interrupted stage leaves nothing.
    """
    started = time.perf_counter()
    tables = {
        key: without_negative_zeros(relation.to_arrow_table()) for key, relation in inputs.items()
    }
    digest = hashlib.sha256()
    for key, table in tables.items():
        digest.update(key.encode() + bytes.fromhex(table_hash(table)))
    digest.update(json.dumps(options, sort_keys=True, default=repr).encode())
    digest.update(code_hash((compute, *options.values())).encode())
    digest.update(environment_hash().encode())
    path = folder / f"{name}-{digest.hexdigest()[:16]}.parquet"
    if note_cache(was_read=path.is_file()):
        tell(f"{name}: inputs unchanged, result read from the cache")
        path.touch()
        return pq.read_table(path)
    _tell_of_work(name, tables)
    undecisive: dict[str, Any] = {} if progress is None else {"progress": progress}
    if resumes:
        undecisive["earlier"] = map(pq.read_table, reversed(_results(folder, name)))
    result = compute(**tables, **options, **undecisive)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    pq.write_table(result, unfinished, compression="zstd")
    unfinished.rename(path)
    _prune(folder, name)
    _tell_of_cost(name, started)
    return result


def _tell_of_work(name: str, tables: Mapping[str, pa.Table]) -> None:
    rows = ", ".join(f"{table.num_rows:,} {key}" for key, table in tables.items())
    tell(f"{name}: computing from {rows}")


def _tell_of_cost(name: str, started: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    tell(f"{name}: {time.perf_counter() - started:.1f} s, process peak {peak:.1f} GiB")


def table_hash(table: pa.Table) -> str:
    """Hash names, types and values of a table, in row order.

    Where a value is null, memory may hold anything: nulls are hashed by their place.
    """
    digest = hashlib.sha256()
    for name in table.column_names:
        column = table.column(name)
        digest.update(f"{name} {column.type} {len(column)}\n".encode())
        for part in (column.is_valid().cast(pa.uint8()), column.drop_null()):
            values = pa.table({"values": part}).combine_chunks()
            with pa.ipc.new_stream(_HashSink(digest), values.schema) as writer:
                writer.write_table(values, max_chunksize=1 << 18)
    return digest.hexdigest()


@cache
def environment_hash() -> str:
    """Hash the versions of the libraries that compute."""
    versions = "".join(f"{library}={metadata.version(library)}" for library in LIBRARIES)
    return hashlib.sha256(versions.encode()).hexdigest()


class _HashSink:
    """A file that only hashes what is written to it."""

    closed = False

    def __init__(self, digest: Any) -> None:
        self._digest = digest

    def write(self, data: Any) -> int:
        self._digest.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing to close."""


def _prune(folder: Path, name: str) -> None:
    for path in _results(folder, name)[:-KEPT]:
        path.unlink(missing_ok=True)


def _results(folder: Path, name: str) -> list[Path]:
    """Kept results of a stage, the one used last at the end."""
    return sorted(folder.glob(f"{name}-*.parquet"), key=lambda path: path.stat().st_mtime)


def tell(message: object) -> None:
    """Tell the person who waits; dbt lets through what a model writes to standard error."""
    log.info("%s", message)
    sys.stderr.write(f"          {message}\n")
    sys.stderr.flush()
