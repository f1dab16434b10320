"""The government pension offset, in force through December 2023."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars
from steelyard.oasdi.dates import month
from steelyard.oasdi.formula import WINDFALL_REPEALED
from steelyard.oasdi.money import cents

Floats = NDArray[np.float64]

TWO_THIRDS_FROM = int(month(1983, 7))
"""Before July 1983 the whole pension was taken off (P.L. 98-21, section 337)."""


def government_pension_offset(
    benefit: ArrayLike, pension: ArrayLike, *, benefit_month: ArrayLike
) -> Floats:
    """Return a spouse's or survivor's benefit after the offset, dollars a month, shape (n,).

    Two thirds of the government pension from work not covered, rounded up to the dime, come off
    through December 2023, nothing from January 2024 on (42 U.S.C. 402(k)(5) as then in force;
    20 CFR 404.408a; repealed by P.L. 118-273; POMS GN 02608.100).

    Parameters
    ----------
    benefit, pension
        Dollars a month.
    benefit_month
        Month indices (`steelyard.oasdi.dates.month`).

    Raises
    ------
    BadInput
        Missing or negative amounts.
    """
    amount, other = dollars(benefit, "benefit"), cents(dollars(pension, "pension"))
    when = np.asarray(benefit_month, np.int64)
    thirds = np.where(when < TWO_THIRDS_FROM, 3, 2)
    offset = -(-other * thirds // 30) * 10
    return np.where(when < WINDFALL_REPEALED, np.maximum(cents(amount) - offset, 0) / 100.0, amount)
