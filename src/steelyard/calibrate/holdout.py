"""Which targets are kept out of the fit: whole groups, chosen by the hash of their name."""

import hashlib
from collections.abc import Sequence

import numpy as np

from steelyard.calibrate.config import Mask


def held_out_groups(groups: Sequence[str], share: float = 0.1, salt: str = "") -> Mask:
    """Mark the targets whose group is held out.

    A group is held out as a whole, because a single cell left out of a table is the complement of
    the cells kept. The choice depends on the name and the salt alone: adding, dropping or
    reordering targets moves no other group in or out.

    Parameters
    ----------
    groups
        Name of each target's group, (n_targets,).
    share
        Share of *groups* held out in expectation, from 0 to 1.
    salt
        Another salt draws another set of groups.

    Returns
    -------
    bool ndarray of shape (n_targets,)

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.

    Notes
    -----
    The first 8 bytes of SHA-256 over ``salt``, a zero byte and the name, read as a number in
    [0, 1), against the share.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"held_out_groups: share is between 0 and 1, got {share}")
    position = name_positions(groups, salt)
    return np.array([position[group] < share for group in groups], dtype=np.bool_)


def name_positions(groups: Sequence[str], salt: str) -> dict[str, float]:
    """Place each distinct name on [0, 1) by its hash."""
    digests = {
        name: hashlib.sha256(salt.encode() + b"\0" + name.encode()).digest() for name in set(groups)
    }
    return {name: int.from_bytes(digest[:8], "big") / 2**64 for name, digest in digests.items()}
