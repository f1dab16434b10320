"""Money as whole cents and dimes, so that every truncation of the law is exact.

Rounding follows 42 U.S.C. 415(a)(2)(C), 415(i)(2)(A)(ii) and 402 note (POMS RS 00601.020): primary
insurance amounts and family maximums to the next lower dime (the next higher one for increases
before June 1982), what is paid to the next lower dollar.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import BadInput

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

Rounding = Literal["dollar", "dime", "none"]
"""How an amount is handed back: as paid, before the last rounding, or not rounded at all."""

FIRST_YEAR_ROUNDED_DOWN = 1982
"""Increases from June 1982 on are rounded down (P.L. 97-35, section 2206)."""


def cents(amount: ArrayLike) -> Integers:
    """Return dollars as whole cents, halves up; shape kept."""
    return np.floor(np.asarray(amount, dtype=np.float64) * 100 + 0.5).astype(np.int64)


def dimes(amount: ArrayLike) -> Integers:
    """Return dollars as whole dimes; what lies below a dime is dropped; shape kept."""
    return cents(amount) // 10


def from_dimes(amount: ArrayLike) -> Floats:
    """Return dimes as dollars; shape kept."""
    return np.asarray(amount, dtype=np.int64) / 10.0


def ratio(numerator: ArrayLike, denominator: ArrayLike, *, year: ArrayLike) -> Integers:
    """Divide whole numbers, down from the increases of 1982 on and up before.

    `year` is that of the increase; for the formula itself it is the year before eligibility.
    """
    down = np.asarray(year) >= FIRST_YEAR_ROUNDED_DOWN
    above, below = np.asarray(numerator, np.int64), np.asarray(denominator, np.int64)
    return np.asarray(np.where(down, above // below, -(-above // below)), dtype=np.int64)


def nearest(numerator: ArrayLike, denominator: ArrayLike) -> Integers:
    """Divide whole numbers to the nearest one, halves up."""
    above, below = np.asarray(numerator, np.int64), np.asarray(denominator, np.int64)
    return np.asarray((2 * above + below) // (2 * below), dtype=np.int64)


def scaled(amount: ArrayLike, numerator: ArrayLike, denominator: ArrayLike) -> Integers:
    """Return dimes times a fraction, down to the dime."""
    product = np.asarray(amount, np.int64) * np.asarray(numerator, np.int64)
    return np.asarray(product // np.asarray(denominator, np.int64), dtype=np.int64)


def share(
    amount: ArrayLike, numerator: ArrayLike, denominator: ArrayLike, rounding: Rounding
) -> Floats:
    """Return dollars times a fraction, as `rounding` asks, of at least one dimension.

    ``dime`` is what the law computes, ``dollar`` what is paid each month, ``none`` the arithmetic.
    """
    if rounding == "none":
        exact = np.asarray(amount, np.float64) * np.asarray(numerator) / np.asarray(denominator)
        return np.atleast_1d(exact)
    return payable(np.atleast_1d(scaled(dimes(amount), numerator, denominator)), rounding)


def payable(amount: Integers, rounding: Rounding) -> Floats:
    """Return dimes as dollars, down to the whole dollar if `rounding` says so."""
    if rounding == "dollar":
        return np.asarray(amount // 10, np.float64)
    if rounding == "dime":
        return from_dimes(amount)
    raise BadInput(f"rounding must be 'dollar', 'dime' or 'none', not {rounding!r}")
