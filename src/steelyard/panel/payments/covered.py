"""Covered earnings of some persons of a panel, year by year, from the parts that hold them."""

from typing import Any

import numpy as np
import pyarrow as pa

from steelyard.panel.lives import Floats, Ints
from steelyard.panel.population import NOBODY

FIRST_YEAR = 1951


class RowsById:
    """Finds the rows of persons by their numbers.

    Parameters
    ----------
    ids
        (n,) numbers of persons, each once, in any order.

    Raises
    ------
    ValueError
        If a number comes twice.
    """

    def __init__(self, ids: Ints) -> None:
        self._order = np.argsort(ids, kind="stable")
        self._sorted = ids[self._order]
        twice = np.flatnonzero(np.diff(self._sorted) == 0)
        if len(twice):
            raise ValueError(
                f"{len(twice)} person(s) come more than once, first "
                f"{self._sorted[twice[:3]].tolist()}: each is alive or dead, in one row"
            )

    def find(self, ids: Ints) -> Ints:
        """Return the row of each number, `NOBODY` for those that are not there; shape kept."""
        if not len(self._sorted):
            return np.full(np.shape(ids), NOBODY)
        place = np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)
        return np.where(self._sorted[place] == ids, self._order[place], NOBODY)


class Covered:
    """Covered earnings of everybody in a panel from 1951 to a year.

    Parameters
    ----------
    history
        One row a person who entered with earnings: person_id, earnings (list, the first of 1951).
    earned
        One row a person and year of the panel: person_id, year, earnings.
    rows
        Finds the rows of persons.
    year
        The last year.

    Raises
    ------
    ValueError
        If a history is longer than its years can be.
    """

    def __init__(self, history: pa.Table, earned: pa.Table, rows: RowsById, year: int) -> None:
        self.width = year - FIRST_YEAR + 1
        lists = history["earnings"].combine_chunks()
        self._past = lists.flatten().to_numpy(zero_copy_only=False)
        length = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        self._length = length.astype(np.int64)
        self._start = np.cumsum(self._length) - self._length
        self._past_row = rows.find(_numbers(history["person_id"]))
        long = np.flatnonzero(self._length > self.width)
        if len(long):
            raise ValueError(
                f"history: {len(long)} person(s) with {self._length[long[0]]} years of earnings "
                f"from {FIRST_YEAR} on; there are {self.width} up to {year}"
            )
        row, of_year = rows.find(_numbers(earned["person_id"])), _numbers(earned["year"])
        there = np.flatnonzero((row != NOBODY) & (of_year <= year) & (of_year >= FIRST_YEAR))
        self._row, self._column = row[there], of_year[there] - FIRST_YEAR
        self._earned = earned["earnings"].to_numpy()[there]

    def of(self, rows: Ints, size: int) -> Floats:
        """Return dollars a year of some `rows` out of `size`, (k, years), 0 where not known."""
        place = np.full(size, NOBODY)
        place[rows] = np.arange(len(rows))
        matrix = np.zeros((len(rows), self.width))
        past = np.flatnonzero((self._past_row != NOBODY) & (self._length > 0))
        past = past[place[self._past_row[past]] != NOBODY]
        for years in np.unique(self._length[past]):
            same = past[self._length[past] == years]
            cells = self._start[same, None] + np.arange(years)
            matrix[place[self._past_row[same]], :years] = self._past[cells]
        chosen = np.flatnonzero(place[self._row] != NOBODY)
        matrix[place[self._row[chosen]], self._column[chosen]] = self._earned[chosen]
        return matrix


def _numbers(column: Any) -> Ints:
    return np.asarray(column.to_numpy(), np.int64)
