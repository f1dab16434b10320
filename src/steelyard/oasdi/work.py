"""The earnings test (42 U.S.C. 403(b), (f); 20 CFR 404.415-404.435)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars, require, whole
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST_YEAR_OF_A_THIRD = 1990
"""One third for ages 65 and over (P.L. 98-21, s. 347); from 2000 for the year of attaining FRA."""


class EarningsTest(NamedTuple):
    """A year under the earnings test, arrays of shape (n,).

    exempt, excess
        Dollars a year: what may be earned, and what is charged against benefits.
    withheld
        Dollars a year taken: the excess, or all benefits of the year.
    months_withheld
        Months in which any was taken: whole months first, the last one perhaps in part. They come
        off the reduction at full retirement age.
    paid
        Dollars of benefits left in the year.
    """

    exempt: Floats
    excess: Floats
    withheld: Floats
    months_withheld: Integers
    paid: Floats


def earnings_test(
    benefit: ArrayLike,
    earnings: ArrayLike,
    *,
    year: ArrayLike,
    attains_fra: ArrayLike = False,
    months: ArrayLike = 12,
    parameters: Parameters | None = None,
) -> EarningsTest:
    """Return what the earnings of a year take from its benefits.

    Half of the earnings above the exempt amount; a third of those above the higher amount in the
    year of attaining full retirement age, for earnings before that month; nothing after.

    Parameters
    ----------
    benefit
        Dollars a month on the record: the worker's and, under the worker's own test, the family's.
    earnings
        Dollars in the year; in the year of attaining full retirement age those before its month.
    year
        1975 on.
    attains_fra
        The person attains full retirement age in `year` (before 2000: is 65 or over).
    months
        Months of the year with entitlement that the test may touch, 0 to 12; 0 from the month of
        full retirement age on. In the first year of benefits those of `chargeable_months`.

    Raises
    ------
    BadInput
        Missing or negative amounts, months outside 0 to 12, years outside the tables.

    Notes
    -----
    20 CFR 404.430 (cents of the excess are dropped), 404.434, 404.439; POMS RS 02501.025.
    """
    law = parameters or default_parameters()
    years, span = whole(year, "year"), whole(months, "months")
    require((span >= 0) & (span <= 12), span, "months of a year lie between 0 and 12")
    higher = np.asarray(attains_fra, bool)
    exempt = np.where(higher, law.exempt_at_fra.at(years), law.exempt_below_fra.at(years))
    divisor = np.where(higher & (years >= FIRST_YEAR_OF_A_THIRD), 3, 2)
    over = np.maximum(dollars(earnings, "earnings") - exempt, 0.0)
    amount = dollars(benefit, "benefit")
    excess = np.floor(over / divisor + 1e-9)
    withheld = np.minimum(excess, amount * span)
    touched = np.ceil(withheld / np.maximum(amount, 0.1) - 1e-9).astype(np.int64)
    shape = np.broadcast_shapes(withheld.shape, exempt.shape)
    return EarningsTest(
        exempt=np.broadcast_to(exempt.astype(np.float64), shape),
        excess=np.broadcast_to(excess, shape),
        withheld=withheld,
        months_withheld=touched,
        paid=amount * span - withheld,
    )


def chargeable_months(
    monthly_earnings: ArrayLike,
    *,
    year: ArrayLike,
    entitled: ArrayLike = True,
    attains_fra: ArrayLike = False,
    substantial_services: ArrayLike = False,
    parameters: Parameters | None = None,
) -> Integers:
    """Return the months that `earnings_test` may touch in the first year of benefits, shape (n,).

    In that year a month in which neither wages exceed a twelfth of the exempt amount nor the own
    business takes substantial services is paid whatever the year's earnings are (the grace year).

    Parameters
    ----------
    monthly_earnings
        Shape (n, 12): wages of each month, dollars.
    year
        Shape (n,) or one: the first year of entitlement, 1978 on.
    entitled
        Shape (n, 12): months with entitlement, before full retirement age.
    attains_fra
        As in `earnings_test`.
    substantial_services
        Shape (n, 12): months of more than 45 hours, or 15 of skilled work, in an own business.

    Raises
    ------
    BadInput
        Missing or negative wages, not twelve months, years outside the tables.

    Notes
    -----
    42 U.S.C. 403(f)(1)(D)-(E); 20 CFR 404.435(c), 404.446-447; POMS RS 02501.030.
    """
    law = parameters or default_parameters()
    years = whole(year, "year")
    wages = np.atleast_2d(dollars(monthly_earnings, "monthly earnings"))
    width = np.array([wages.shape[1]])
    require(width == 12, width, "monthly earnings need twelve columns")
    higher = np.asarray(attains_fra, bool)
    exempt = np.where(higher, law.exempt_at_fra.at(years), law.exempt_below_fra.at(years)) / 12
    works = (wages > exempt[:, None]) | np.asarray(substantial_services, bool)
    return np.asarray((works & np.asarray(entitled, bool)).sum(axis=1), np.int64)
