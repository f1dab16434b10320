"""Published tables as arrays: series by year, numbers by band of ages, and complete grids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steelyard.panel.lives import Floats, Ints

Table = Mapping[str, Sequence[Any]]
"""A table by columns, as `csv`, pandas and Arrow all hand it over."""

SEXES = ("male", "female")
#: The age at which the tables of mortality end, and open bands with them.
OLDEST = 120


@dataclass(frozen=True, eq=False)
class Yearly:
    """Series of consecutive years.

    Parameters
    ----------
    name
        What they are, for messages.
    first_year
        Of all series.
    series
        (years,) each, by name; NaN where nothing is published.
    """

    name: str
    first_year: int
    series: Mapping[str, Floats]

    @property
    def last_year(self) -> int:
        """The last year of all series."""
        return self.first_year + len(next(iter(self.series.values()))) - 1

    def of(self, column: str, year: ArrayLike) -> Floats:
        """Return a series at `year`, of its shape.

        Raises
        ------
        ValueError
            If there is no such series, or nothing is published for a year.
        """
        if column not in self.series:
            raise ValueError(f"{self.name}: no {column!r}; has {', '.join(self.series)}")
        years = np.asarray(year, np.int64)
        outside = (years < self.first_year) | (years > self.last_year)
        found = self.series[column][np.where(outside, 0, years - self.first_year)]
        missing = np.atleast_1d(outside | np.isnan(found))
        if missing.any():
            first = np.atleast_1d(years)[missing][:3].tolist()
            raise ValueError(
                f"{self.name}: no {column} for {int(missing.sum())} year(s), first {first}; "
                f"years are {self.first_year} to {self.last_year}"
            )
        return np.asarray(found, np.float64)


@dataclass(frozen=True, eq=False)
class Bands:
    """Persons by band of ages [lower, upper) and sex.

    Parameters
    ----------
    lower, upper
        (bands,) ages; an open end is 0 or `OLDEST`.
    number
        (2, bands) persons, men and women.
    average
        (2, bands) dollars a month each; NaN where no amount is published.
    """

    lower: Ints
    upper: Ints
    number: Floats
    average: Floats

    def place(self, age: ArrayLike) -> Ints:
        """Return the band of each age, -1 for ages in none."""
        ages = np.asarray(age, np.int64)
        found = np.searchsorted(self.lower, ages, side="right") - 1
        return np.where((found >= 0) & (ages < self.upper[found]), found, -1)


def column(table: Table, name: str) -> Floats:
    """Return a column as doubles; NaN where it is empty."""
    return np.asarray(table[name], np.float64)


def rows_where(table: Table, **wanted: object) -> dict[str, list[Any]]:
    """Return the rows whose named columns have these values, compared as text."""
    kept = [
        at
        for at in range(len(next(iter(table.values()))))
        if all(str(table[name][at]) == str(value) for name, value in wanted.items())
    ]
    return {name: [values[at] for at in kept] for name, values in table.items()}


def last_rows(table: Table) -> dict[str, list[Any]]:
    """Return the rows of the last year."""
    return rows_where(table, year=max(int(year) for year in table["year"]))


def yearly(name: str, table: Table, scales: Mapping[str, float]) -> Yearly:
    """Read series, each times its scale.

    Raises
    ------
    ValueError
        If a year between the first and the last is missing or there twice.
    """
    years = column(table, "year").astype(np.int64)
    order = np.argsort(years, kind="stable")
    wrong = np.flatnonzero(np.diff(years[order]) != 1)
    if not len(years) or wrong.size:
        after = years[order][wrong[:3]].tolist()
        raise ValueError(f"{name}: years must follow one another, once each; see after {after}")
    series = {label: column(table, label)[order] * scale for label, scale in scales.items()}
    return Yearly(name, int(years.min()), series)


def bands(table: Table, average: bool = False) -> Bands:
    """Read the bands of one year, in order of age."""
    lower = np.nan_to_num(column(table, "age_lower"), nan=0).astype(np.int64)
    upper = np.nan_to_num(column(table, "age_upper"), nan=OLDEST).astype(np.int64)
    order = np.argsort(lower)
    number = np.stack([column(table, sex)[order] for sex in SEXES])
    amount = np.full_like(number, np.nan)
    if average:
        amount = np.stack([column(table, f"{sex}_average")[order] for sex in SEXES])
    return Bands(lower[order], upper[order], number, amount)


def grid(name: str, table: Table, ages: int, columns: Sequence[str]) -> tuple[int, Floats]:
    """Read a table with one row a year and age.

    Returns
    -------
    The first year, and doubles (years, ages, columns).

    Raises
    ------
    ValueError
        If a row is missing, there twice, or a cell is negative or empty.
    """
    years, age = column(table, "year").astype(np.int64), column(table, "age").astype(np.int64)
    first = int(years.min())
    count = np.zeros((int(years.max()) - first + 1, ages), np.int64)
    inside = age < ages
    np.add.at(count, (years[inside] - first, age[inside]), 1)
    if (count != 1).any() or not inside.all():
        at = np.argwhere(count != 1)[:3]
        keys = ", ".join(f"{first + year} age {old} ({count[year, old]})" for year, old in at)
        raise ValueError(
            f"{name}: every year {first} to {years.max()} needs one row for each age 0 to "
            f"{ages - 1}; rows that are missing or too many: {keys or 'older ages'}"
        )
    values = np.full((*count.shape, len(columns)), np.nan)
    for place, label in enumerate(columns):
        values[years - first, age, place] = column(table, label)
    bad = ~(values >= 0)
    if bad.any():
        year, old, place = np.argwhere(bad)[0]
        raise ValueError(
            f"{name}: {int(bad.sum())} cell(s) are empty or negative, the first {first + year} "
            f"age {old} {columns[place]}"
        )
    return first, values
