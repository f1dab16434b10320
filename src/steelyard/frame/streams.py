"""Named random streams: the same name gives the same numbers, whatever else is drawn."""

import hashlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to a seed and a path of names.

    Two different paths give independent streams, and a stream does not depend on the order
    in which others were asked for, so adding a variable changes no draw of another.

    Parameters
    ----------
    seed
        The seed of the whole build, any integer.
    *names
        What is drawn, from the general to the particular: ``"imp_scf", "net_worth", 1``.
        Integers and their decimal text are the same name.

    Raises
    ------
    ValueError
        If no name is given: an unnamed stream would be shared by mistake.

    Notes
    -----
    The key is SHA-256 over the length-prefixed names (so ``"ab", "c"`` differs from
    ``"a", "bc"``), fed to NumPy's Philox, a counter-based generator (Salmon et al. 2011).
    """
    if not names:
        raise ValueError("stream: give at least one name, e.g. stream(seed, 'imp_scf', 'kginc')")
    digest = hashlib.sha256()
    for part in (str(seed), *map(str, names)):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    key = np.frombuffer(digest.digest()[:16], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
