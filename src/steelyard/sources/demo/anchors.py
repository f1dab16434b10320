"""The published figures and stated assumptions that the demo world is built around."""

from functools import cache
from importlib.resources import files
from io import StringIO

import numpy as np
import pandas as pd

from steelyard.sources.demo.draws import Floats, Ints

#: The year whose published figures the law of the population is anchored to.
BASE_YEAR = 2022


@cache
def table(name: str) -> pd.DataFrame:
    """Read one anchor table; every row names its source.

    Parameters
    ----------
    name
        File stem under `anchors/`.
    """
    text = (files("steelyard.sources.demo") / "anchors" / f"{name}.csv").read_text(encoding="utf-8")
    return pd.read_csv(StringIO(text), dtype={"state_fips": str})


def band(name: str, ages: Ints) -> Ints:
    """Return for ages (n,) the row of an anchor table whose age_lower they fall under."""
    lower = table(name)["age_lower"].to_numpy(dtype=np.int64)
    return np.maximum(np.searchsorted(lower, ages, side="right") - 1, 0)


def column(name: str, of: str) -> Floats:
    """Return one numeric column of an anchor table."""
    return table(name)[of].to_numpy(dtype=np.float64)


def by_age(name: str, of: str, ages: Ints) -> Floats:
    """Return an anchor's value for each age (n,)."""
    return column(name, of)[band(name, ages)]


def item(name: str, key: str) -> dict[str, float]:
    """Return the numbers in the row of an anchor whose `item` is key."""
    rows = table(name)
    position = rows["item"].tolist().index(key)
    numbers = [str(c) for c in rows.columns if c not in ("item", "source")]
    return {number: float(column(name, number)[position]) for number in numbers}


@cache
def dollars(income_year: int) -> float:
    """Return what a dollar of 2022 earnings is in another year: the ratio of average wages.

    Years after the last published average wage index take the Trustees' intermediate path.
    """
    text = files("steelyard.oasdi") / "data" / "params_ssa_average_wage_index.csv"
    rows = pd.read_csv(StringIO(text.read_text(encoding="utf-8")))
    rows = rows[rows["scenario"].isin(["published", "intermediate"])]
    index = rows.drop_duplicates("year").set_index("year")["average_wage_index"]
    return float(index[income_year] / index[BASE_YEAR])


def shares(name: str, prefix: str) -> tuple[Floats, Ints]:
    """Return the share columns `prefix_<code>` of an anchor and their codes."""
    names = [c for c in table(name).columns if str(c).startswith(prefix + "_")]
    codes = np.array([int(str(c).rsplit("_", 1)[1]) for c in names], dtype=np.int64)
    return table(name)[names].to_numpy(dtype=np.float64), codes
