"""Names by content: a hash of whatever settings and tables are made of."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def key_of(*values: Any) -> str:
    """Return the SHA-256 of values: arrays, mappings, dataclasses, or what has a stable `repr`."""
    digest = hashlib.sha256()
    for value in values:
        _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: "hashlib._Hash", value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(
            f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes()
        )
    elif isinstance(value, Mapping):
        for name in sorted(value, key=str):
            digest.update(f"{name}:".encode())
            _feed(digest, value[name])
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            digest.update(f"{part.name}=".encode())
            _feed(digest, getattr(value, part.name))
    elif isinstance(value, tuple | list):
        digest.update(f"{len(value)}[".encode())
        for each in value:
            _feed(digest, each)
    else:
        digest.update(repr(value).encode() + b";")
