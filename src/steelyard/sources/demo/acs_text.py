"""Columns as a PUMS file writes them: plain numbers, codes with leading zeros, blanks."""

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.sources.demo.anchors import table
from steelyard.sources.demo.draws import Bools, Columns, Floats, Ints

Field = Any  # a pyarrow Array


def number(values: NDArray[Any], known: Bools | None = None) -> Field:
    """Return whole numbers (n,), blank where not known."""
    whole = np.asarray(np.rint(values), dtype=np.int64)
    return pa.array(whole, mask=None if known is None else ~known)


def code(values: NDArray[Any], width: int, known: Bools | None = None) -> Field:
    """Return codes (n,) as text of a fixed width with leading zeros, blank where not known."""
    whole = np.asarray(values, dtype=np.int64)
    if known is not None:
        whole = np.where(known, whole, 0)
    labels = pa.array([f"{value:0{width}d}" for value in range(int(whole.max(initial=0)) + 1)])
    return labels.take(pa.array(whole, mask=None if known is None else ~known))


def serial(prefix: NDArray[np.str_], numbers: Ints) -> Field:
    """Return serial numbers (n,): vintage, HU or GQ, and seven digits."""
    digits = np.char.zfill(numbers.astype(np.str_), 7)
    return pa.array(np.char.add(prefix, digits))


def truth(flag: Bools, known: Bools | None = None) -> Field:
    """Return the answer to a question: 1 yes, 2 no."""
    return number(np.where(flag, 1, 2), known)


def rounded(dollars: Floats) -> Floats:
    """Round amounts (n,) as the PUMS does before they are added up.

    Below 8 dollars to 4, below 1,000 to tens, below 50,000 to hundreds, above to thousands;
    amounts under half a dollar are none. Source: Census, PUMS accuracy document.
    """
    size = np.abs(dollars)
    unit = np.select([size < 995, size < 49_950], [10.0, 100.0], 1000.0)
    near = np.where(size < 7.5, 4.0, np.maximum(np.rint(size / unit) * unit, 10.0))
    return np.where(size < 0.5, 0.0, np.sign(dollars) * near)


@cache
def layout(record: str, vintage: int) -> tuple[tuple[str, str], ...]:
    """List names and kinds (item, flag, replicate) of a record's columns, in file order."""
    every = table("acs_layout")
    mine = every[
        (every["record"] == record)
        & (every["first_vintage"] <= vintage)
        & (every["last_vintage"] >= vintage)
    ]
    return tuple(zip(mine["column"].tolist(), mine["kind"].tolist(), strict=True))


def laid_out(fields: dict[str, Field], record: str, vintage: int, flagged: Bools) -> Any:
    """Put fields in the file's order; what the demo world does not know is blank.

    Parameters
    ----------
    fields
        By column name; names that the vintage does not have are left out.
    flagged
        Whether allocation flags are asked for the record (n,): they are 0 unless given.
    """
    count = len(flagged)
    nothing = pa.nulls(count, pa.int8())
    unallocated = pa.array(np.zeros(count, dtype=np.int8), mask=~flagged)
    return pa.table(
        {
            name: fields.get(name, unallocated if kind == "flag" else nothing)
            for name, kind in layout(record, vintage)
        }
    )


def replicate_fields(stem: str, weights: NDArray[np.int32]) -> dict[str, Field]:
    """Name the columns of replicate weights (n, replicates)."""
    return {f"{stem}{r + 1}": pa.array(weights[:, r]) for r in range(weights.shape[1])}


def joined(*parts: Columns) -> Columns:
    """Stack tables of the same columns; columns that a part lacks are left out."""
    shared = [name for name in parts[0] if all(name in part for part in parts)]
    return {name: np.concatenate([part[name] for part in parts]) for name in shared}
