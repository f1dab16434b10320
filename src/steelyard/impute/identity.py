"""Names by content: the same settings, donors and trees have the same name, on any machine."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

#: Settings that change no result, so that they change no name either.
WITHOUT_EFFECT = ("n_jobs", "memory_mib")
RUN_LENGTH = 12
_TREE = ("children_left", "children_right", "feature", "threshold")


def content_hash(*parts: Any) -> str:
    """Return the SHA-256 of settings, tables and fitted models, as 64 hexadecimal digits.

    Parameters
    ----------
    *parts
        Plain values, tuples, lists, mappings, arrays, DataFrames, Arrow tables, scikit-learn's
        trees (their structure), and dataclasses of such. Of a dataclass, fields that do not
        count in comparisons and settings without effect on results are left out.

    Raises
    ------
    TypeError
        If something else is met; the message says where. A pickle would be a name of the
        library's version, not of the content.
    """
    digest = hashlib.sha256()
    _feed(digest, parts, "content")
    return digest.hexdigest()


def run_id(hashes: Mapping[str, str]) -> str:
    """Return the ``imputation_run_id`` of what was hashed: 12 hexadecimal digits.

    Another plan, seed or donor file is another run, and so are trees that another version of the
    code or of a library has grown from the same.

    Parameters
    ----------
    hashes
        SHA-256 by what was hashed: donors, plan, forests.
    """
    return content_hash("imputation run", hashes)[:RUN_LENGTH]


def fingerprint(fitted: Any) -> str:
    """Return the hash of a fitted model: donors, weights, tree structures and leaf orders.

    What a release keeps instead of a forest: whoever fits again can see that it is the same.
    """
    return content_hash("fitted model", fitted)


def _feed(digest: Any, part: Any, where: str) -> None:
    """Feed a part, its kind and size first so that no two parts run together."""
    if isinstance(part, pa.Table):
        part = part.to_pandas()
    if isinstance(part, pd.DataFrame):
        part = {"columns": list(part), "values": [part[name].to_numpy() for name in part]}
    if isinstance(part, np.generic):
        part = part.item()
    if isinstance(part, bool | int | float | str | None):
        _tell(digest, type(part).__name__, repr(part))
    elif isinstance(part, np.ndarray):
        _feed_array(digest, part, where)
    elif isinstance(part, tuple | list):
        _tell(digest, "sequence", str(len(part)))
        for place, item in enumerate(part):
            _feed(digest, item, f"{where}[{place}]")
    elif isinstance(part, Mapping):
        _tell(digest, "mapping", str(len(part)))
        for key in sorted(part, key=str):
            _tell(digest, "key", str(key))
            _feed(digest, part[key], f"{where}.{key}")
    elif is_dataclass(part) and not isinstance(part, type):
        told = {
            field.name: getattr(part, field.name)
            for field in fields(part)
            if field.compare and field.name not in WITHOUT_EFFECT
        }
        _tell(digest, "record", type(part).__name__)
        _feed(digest, told, where)
    elif all(hasattr(part, name) for name in _TREE):
        _feed(digest, {name: getattr(part, name) for name in _TREE}, where)
    else:
        raise TypeError(
            f"content_hash: {where} is a {type(part).__name__}, which has no content known here"
        )


def _feed_array(digest: Any, array: np.ndarray[Any, Any], where: str) -> None:
    if array.dtype.kind in "OUT":
        _feed(digest, [None if item is pd.NA else item for item in array.tolist()], where)
        return
    _tell(digest, "array", f"{array.dtype.str} {array.shape}")
    # Zero is zero, whatever its sign.
    digest.update(np.ascontiguousarray(array + 0 if array.dtype.kind == "f" else array).tobytes())


def _tell(digest: Any, kind: str, text: str) -> None:
    encoded = text.encode()
    digest.update(f"{kind} {len(encoded)}\n".encode() + encoded)
