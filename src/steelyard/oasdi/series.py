"""A yearly series of law parameters that refuses years it does not hold."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import BadInput, offenders

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Series:
    """Consecutive years of one parameter.

    Parameters
    ----------
    name
        The parameter, for messages: ``average wage index``.
    first
        The year of ``values[0]``.
    values
        ndarray of shape (years,), int64 in the unit of the parameter (cents, dollars, tenths
        of a percent).
    last_published
        The last year that the publisher has announced; later years are projections.
    """

    name: str
    first: int
    values: Integers
    last_published: int
    last: int = field(init=False)

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.int64)
        values.setflags(write=False)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "last", self.first + values.size - 1)

    def at(self, year: ArrayLike) -> Integers:
        """Return the values of `year`, of its shape.

        Raises
        ------
        BadInput
            If a year lies outside the series.
        """
        years = np.asarray(year, dtype=np.int64)
        outside = (years < self.first) | (years > self.last)
        if outside.any():
            raise BadInput(
                f"{self.name}: {offenders(outside, years)} outside {self.first}-{self.last}; "
                "add rows to the parameter tables or drop these years"
            )
        return self.values[years - self.first]

    def is_projected(self, year: ArrayLike) -> NDArray[np.bool_]:
        """Tell which of `year` are projections rather than announcements."""
        return np.asarray(year, dtype=np.int64) > self.last_published
