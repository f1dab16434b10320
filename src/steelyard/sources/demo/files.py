"""The forms in which publishers hand out files: delimited text, plain or in a zip."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from steelyard.sources.demo.draws import Columns

# A zip entry carries a date; the same world has the same bytes on every day.
DATE = (2022, 3, 1, 0, 0, 0)


def delimited(columns: Columns, *, delimiter: str = ",", header: bool = True) -> bytes:
    """Lay equally long columns out as text, a line a record; nothing is quoted."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    sink = BytesIO()
    if header:
        sink.write((delimiter.join(columns) + "\n").encode())
    options = pa_csv.WriteOptions(include_header=False, quoting_style="none", delimiter=delimiter)
    pa_csv.write_csv(table, sink, options)
    return sink.getvalue()


def write_file(path: Path, blocks: Iterable[bytes]) -> Path:
    """Write blocks under a temporary name, then put the file in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as sink:
        for block in blocks:
            sink.write(block)
    partial.replace(path)
    return path


def write_zip(path: Path, members: Mapping[str, Iterable[bytes]]) -> Path:
    """Write a zip of members, each given as blocks of bytes, under a temporary name first.

    Blocks are taken one at a time, so a member may be larger than memory.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, blocks in members.items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry._compresslevel = 1  # type: ignore[attr-defined]
            with archive.open(entry, "w", force_zip64=True) as member:
                for block in blocks:
                    member.write(block)
    partial.replace(path)
    return path


def pieces(path: Path) -> Iterator[bytes]:
    """Read a file 1 MiB at a time."""
    with path.open("rb") as source:
        while piece := source.read(1 << 20):
            yield piece
