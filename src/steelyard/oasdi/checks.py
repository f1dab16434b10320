"""Errors that name what is wrong, where, how often, and what to do."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class BadInput(ValueError):
    """An input that no rule of the law can be applied to."""


def offenders(bad: Booleans, values: ArrayLike, keys: ArrayLike | None = None) -> str:
    """Describe bad entries: how many, and the first three with their keys.

    Parameters
    ----------
    bad
        Booleans of shape (n,) or (n, years); rows are persons.
    values
        What was given, of the same shape.
    keys
        Shape (n,): the persons' keys; None for their positions.
    """
    flags, given = np.broadcast_arrays(np.atleast_1d(bad), np.asarray(values))
    where = np.argwhere(flags)[:3]
    named = np.arange(flags.shape[0]) if keys is None else np.asarray(keys)
    first = ", ".join(f"{given[tuple(at)]} (person {named[at[0]]})" for at in where)
    return f"{int(flags.sum())} value(s), first {first},"


def require(good: ArrayLike, values: ArrayLike, rule: str, keys: ArrayLike | None = None) -> None:
    """Raise unless every entry is good.

    Raises
    ------
    BadInput
        ``<rule>: <count> value(s), first <value> (person <key>), ...``.
    """
    bad = ~np.asarray(good, dtype=bool)
    if bad.any():
        raise BadInput(f"{rule}: {offenders(bad, values, keys).rstrip(',')}")


def whole(values: ArrayLike, name: str) -> Integers:
    """Return integers of shape (n,) or (n, ...), refusing NaN and fractions."""
    given = np.atleast_1d(np.asarray(values))
    if given.dtype.kind in "iub":
        return given.astype(np.int64)
    numbers = given.astype(np.float64)
    require(np.isfinite(numbers), numbers, f"{name} must be given; none is missing or infinite")
    require(numbers == np.rint(numbers), numbers, f"{name} must be whole numbers")
    return numbers.astype(np.int64)


def dollars(values: ArrayLike, name: str) -> Floats:
    """Return non-negative, finite dollars of at least one dimension.

    Raises
    ------
    BadInput
        If an amount is NaN, infinite or negative.
    """
    given = np.atleast_1d(np.asarray(values, dtype=np.float64))
    require(np.isfinite(given), given, f"{name} must be finite dollars; impute or drop the missing")
    require(given >= 0, given, f"{name} must not be negative")
    return given
