"""Uniform numbers that belong to a record, not to its place in a table."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from steelyard.frame import stream


def keyed_uniforms(seed: int, names: tuple[str | int, ...], ids: ArrayLike) -> NDArray[np.float64]:
    """Return one uniform number in [0, 1) for each id.

    The number is a function of (seed, names, id) alone: neither the order nor the number of
    ids, nor what else is drawn, changes it.

    Parameters
    ----------
    seed, names
        As for `steelyard.frame.stream`: what is drawn, from the general to the particular.
    ids
        Array of shape (n,): integers or strings. Equal ids get equal numbers; an integer and
        its text are different ids.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    ValueError
        If the ids are no vector of integers or of strings.

    Notes
    -----
    A counter-based generator in the sense of Salmon et al. (2011): the id is the counter, two
    64-bit keys come from the named stream, and two rounds of the SplitMix64 finaliser (Steele,
    Lea and Flood 2014; Stafford's variant 13) mix them. Strings enter by their SipHash.
    """
    key, other_key = stream(seed, *names).integers(0, 2**64, size=2, dtype=np.uint64)
    mixed = _mix(_mix(as_words(ids) + key) ^ other_key)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def as_words(ids: ArrayLike) -> NDArray[np.uint64]:
    """Return ids, integers or strings of shape (n,), as 64-bit words; raise on anything else."""
    values = np.asarray(ids)
    if values.ndim != 1:
        raise ValueError(f"ids: expected a vector, got shape {values.shape}")
    if values.dtype.kind in "iub":
        return values.astype(np.int64 if values.dtype.kind != "u" else np.uint64).view(np.uint64)
    text = values.astype(object)
    if pd.api.types.infer_dtype(text, skipna=False) not in ("string", "empty"):
        raise ValueError(
            f"ids: expected integers or strings, got {values.dtype} "
            f"(first: {values[:3].tolist()}); a key has no missing or fractional values"
        )
    return np.asarray(pd.util.hash_array(text), dtype=np.uint64)


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix 64-bit words one to one, so that every input bit moves every output bit."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
