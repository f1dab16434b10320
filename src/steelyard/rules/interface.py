"""What every rules engine offers the warehouse."""

from typing import Protocol

import pandas as pd


class RulesError(ValueError):
    """An engine was given units that it cannot take; the message names column and rows."""


class RulesEngine(Protocol):
    """Computes taxes or benefits of units under the law of a year.

    One engine is one module; the rest of the house sees no more than this.
    """

    @property
    def name(self) -> str:
        """The engine and its version, e.g. ``taxcalc 6.8.0``."""
        ...

    def compute(self, units: pd.DataFrame, *, year: int) -> pd.DataFrame:
        """Apply the law of a year.

        Parameters
        ----------
        units
            One row a tax unit, harmonised column names, nominal dollars of ``year``; a column
            that is absent or null stands for nothing known, which enters the law as zero.
        year
            Calendar year of law and incomes.

        Returns
        -------
        DataFrame with the index of ``units``, one column an amount in dollars.
        """
        ...
