"""The SCF's replicate weights: 999 bootstrap samples, in Stata's own format, a row a family."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from steelyard.sources.demo.draws import Draws, Floats
from steelyard.sources.demo.files import pieces

REPLICATES = 999
# The file carries its date; the same world has the same bytes on every day.
DATE = datetime(2022, 3, 1)


def replicates(draws: Draws, weight: Floats) -> pd.DataFrame:
    """Draw bootstrap replicates of families.

    Parameters
    ----------
    weight
        (n_families,) families represented.

    Returns
    -------
    DataFrame
        YY1, WT1B1 to WT1B999 and MM1 to MM999. A replicate weight is their product; both are
        empty where a family is not in the replicate. The products of a replicate sum to what
        all weights do.
    """
    count = len(weight)
    found: dict[str, Floats] = {}
    times: dict[str, Floats] = {}
    for number in range(1, REPLICATES + 1):
        drawn = np.floor(draws.uniform(count, f"replicate {number}") * count).astype(np.int64)
        taken = np.bincount(drawn, minlength=count).astype(np.float64)
        scale = weight.sum() / (weight * taken).sum()
        found[f"WT1B{number}"] = np.where(taken > 0, weight * scale, np.nan)
        times[f"MM{number}"] = np.where(taken > 0, taken, np.nan)
    frame = pd.DataFrame(found | {k: v.astype(np.float32) for k, v in times.items()})
    frame.insert(0, "YY1", np.arange(1, count + 1, dtype=np.int32))
    return frame


def stata(frame: pd.DataFrame) -> Iterator[bytes]:
    """Give a table in Stata's format, as blocks of bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "replicates.dta"
        frame.to_stata(path, write_index=False, time_stamp=DATE, version=118)
        yield from pieces(path)
