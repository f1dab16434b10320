"""The most that may be paid on one record (42 U.S.C. 403(a); 20 CFR 404.403-404.406)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import BadInput, dollars, whole
from steelyard.oasdi.dates import month
from steelyard.oasdi.formula import formula_dimes, with_colas
from steelyard.oasdi.indexing import Kind
from steelyard.oasdi.money import dimes, from_dimes, ratio, scaled
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FAMILY_SHARES = (150, 272, 134, 175)
"""Percent of the PIA below, between and above its three bend points."""


def family_maximum(
    pia: ArrayLike,
    *,
    eligibility_year: ArrayLike,
    aime: ArrayLike | None = None,
    kind: Kind = "retirement",
    benefit_year: ArrayLike | None = None,
    parameters: Parameters | None = None,
) -> Floats:
    """Return the family maximum in dollars a month, a multiple of a dime, shape (n,).

    150, 272, 134 and 175 % of the PIA between its bend points, on retirement and survivors'
    records; on a disability record 85 % of AIME, but no less than the PIA and no more than 150 %
    of it. Increases follow as they do for the PIA.

    Parameters
    ----------
    pia
        The PIA of the eligibility year, before any increase.
    eligibility_year
        The year whose bend points hold.
    aime
        Dollars a month, needed for disability.
    kind
        ``retirement``, ``survivor`` or ``disability``.
    benefit_year
        Increases up to January of that year; None for the amount of the eligibility year.

    Raises
    ------
    BadInput
        Missing or negative amounts, years outside the tables, disability without AIME.

    Notes
    -----
    42 U.S.C. 403(a)(1), (2) and (6); 20 CFR 404.403(d) and (d-1); POMS RS 00615.740, RS 00615.742.
    """
    law = parameters or default_parameters()
    eligible = whole(eligibility_year, "eligibility year")
    start = dimes(dollars(pia, "PIA"))
    if kind == "disability":
        if aime is None:
            raise BadInput("family_maximum: a disability record needs its AIME (85 % of it counts)")
        limit = disability_maximum(start, dollars(aime, "AIME"), eligible)
    else:
        limit = maximum_dimes(start, eligible, law)
    if benefit_year is None:
        return from_dimes(limit)
    when = month(whole(benefit_year, "benefit year"))
    return from_dimes(with_colas(limit, eligible, when, law))


def maximum_dimes(pia: Integers, eligibility_year: Integers, parameters: Parameters) -> Integers:
    """Return the retirement or survivors' maximum in dimes, before increases."""
    lower = [bend.at(eligibility_year) * 10 for bend in parameters.family_bends]
    edges = [np.zeros_like(lower[0]), *lower, np.full_like(lower[0], np.iinfo(np.int64).max)]
    parts = [
        percent * np.clip(pia - below, 0, above - below)
        for percent, below, above in zip(FAMILY_SHARES, edges[:-1], edges[1:], strict=True)
    ]
    return ratio(sum(parts), 100, year=eligibility_year - 1)


def disability_maximum(pia: Integers, aime: Floats, eligibility_year: Integers) -> Integers:
    """Return the disability maximum in dimes: 85 % of AIME between 100 and 150 % of the PIA."""
    before = eligibility_year - 1
    share = ratio(np.floor(aime + 1e-9).astype(np.int64) * 85, 10, year=before)
    return np.maximum(np.minimum(share, ratio(3 * pia, 2, year=before)), pia)


def combined_family_maximum(
    first: ArrayLike, second: ArrayLike, *, year: ArrayLike, parameters: Parameters | None = None
) -> Floats:
    """Return the maximum where a child is entitled on two records, dollars, shape (n,).

    The sum of both maximums, but no more than 175 % of the PIA that an AIME of one twelfth of the
    contribution base of `year` would give, under that year's bend points (42 U.S.C.
    403(a)(3)(A)(ii); 20 CFR 404.403(d)(2); POMS RS 00615.770).
    """
    law = parameters or default_parameters()
    years = whole(year, "year")
    both = dimes(dollars(first, "family maximum")) + dimes(dollars(second, "family maximum"))
    return from_dimes(np.minimum(both, combined_cap(years, law)))


def combined_cap(year: Integers, parameters: Parameters) -> Integers:
    """Return 175 % of the PIA of a twelfth of the base, in dimes."""
    twelfth = (parameters.contribution_base.at(year) // 12).astype(np.float64)
    return scaled(formula_dimes(twelfth, year, parameters), 175, 100)


def within_maximum(original: Integers, record: Integers, available: Integers) -> Integers:
    """Return auxiliary benefits cut in proportion so that each record's fit, in dimes.

    Parameters
    ----------
    original
        Shape (m,): dimes before the maximum.
    record
        Shape (m,): the row of `available` that each is paid from.
    available
        Shape (records,): dimes left for auxiliaries; negative counts as none.

    Notes
    -----
    Each is truncated to the dime, so the sum never exceeds what is available
    (42 U.S.C. 403(a)(1); 20 CFR 404.404; POMS RS 00615.754).
    """
    left = np.maximum(available, 0)
    total = np.bincount(record, weights=original, minlength=left.size).astype(np.int64)
    over = (total > left)[record]
    wanted = np.maximum(total, 1)[record]
    return np.asarray(np.where(over, original * left[record] // wanted, original), np.int64)
