"""What the family of a living or a deceased worker is paid, one rule a function."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars, require, whole
from steelyard.oasdi.dates import month
from steelyard.oasdi.money import Rounding, dimes, from_dimes, payable, scaled, share
from steelyard.oasdi.reductions import MOST_EARLY, PARTS, WIDOW_PARTS, early_parts, widow_parts

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

DEEMED_FILING_BORN = int(month(1954, 1))
"""Born 2 January 1954 or later: filing for one benefit is filing for both (P.L. 114-74, s. 831)."""

CHILD_SHARE, SURVIVOR_CHILD_SHARE, MOTHER_SHARE = (1, 2), (3, 4), (3, 4)
"""Of the PIA, before the family maximum (42 U.S.C. 402(d)(2), 402(g)(2))."""

LUMP_SUM = 255.0


def spouse_benefit(
    worker_pia: ArrayLike,
    *,
    own_pia: ArrayLike = 0.0,
    own_benefit: ArrayLike = 0.0,
    months_early: ArrayLike = 0,
    child_in_care: ArrayLike = False,
    rounding: Rounding = "dollar",
) -> Floats:
    """Return the spouse's benefit beyond the own one, dollars a month, shape (n,).

    Half of the worker's PIA, whatever the worker's own age at claiming, less the spouse's own PIA
    or, where that is more, the own benefit with its delayed credits; what is left is reduced for
    the spouse's months before full retirement age. A divorced spouse's is the same.

    Parameters
    ----------
    worker_pia, own_pia, own_benefit
        Dollars a month; `own_benefit` matters only where delayed credits raise it above the PIA.
    months_early
        Months between the spouse's entitlement to this benefit and full retirement age.
    child_in_care
        A child under 16 or disabled is in the spouse's care: no reduction.

    Raises
    ------
    BadInput
        Missing or negative amounts or months, months before 62.

    Notes
    -----
    42 U.S.C. 402(b)(2), 402(k)(3)(A), 402(q)(1) and (9); 20 CFR 404.330-333, 404.410(b);
    POMS RS 00615.020, RS 00615.694.
    """
    early = whole(months_early, "months early")
    require(early >= 0, early, "months early must not be negative")
    require(early <= MOST_EARLY, early, "no spouse is paid for age before 62; months early")
    kept = np.where(np.asarray(child_in_care, bool), PARTS, early_parts(early, spouse=True))
    own = np.maximum(dollars(own_pia, "own PIA"), dollars(own_benefit, "own benefit"))
    excess = np.maximum(scaled(dimes(dollars(worker_pia, "worker's PIA")), 1, 2) - dimes(own), 0)
    return share(from_dimes(excess), kept, PARTS, rounding)


def survivor_benefit(
    deceased_pia: ArrayLike,
    *,
    deceased_benefit: ArrayLike | None = None,
    months_early: ArrayLike = 0,
    months_possible: ArrayLike = 84,
    rounding: Rounding = "dollar",
) -> Floats:
    """Return the benefit of an aged or disabled widow(er), dollars a month, shape (n,).

    The deceased's PIA, with the delayed credits earned, reduced for months before the full
    retirement age of survivors; and, where the deceased drew a reduced benefit, no more than the
    larger of that benefit and 82.5 % of the PIA (RIB-LIM).

    Parameters
    ----------
    deceased_pia
        Dollars a month.
    deceased_benefit
        What the deceased drew or, after full retirement age, could have drawn at death, with
        today's increases; NaN or None where the deceased had not claimed.
    months_early
        Months before survivors' full retirement age; a disabled widow(er) below 60 has all.
    months_possible
        Months from 60 to that age: 60 to 84 (`widow_months`).

    Raises
    ------
    BadInput
        Missing or negative amounts, more months early than possible.

    Notes
    -----
    42 U.S.C. 402(e)(2)(C)-(D), 402(q)(1), 402(w)(4); 20 CFR 404.338, 404.410(c); POMS RS 00615.301-
    302, RS 00615.310-320. Without regard to the survivor's own benefit, the family maximum and
    pensions.
    """
    amount = dimes(dollars(deceased_pia, "deceased's PIA"))
    drawn = np.full(1, np.nan) if deceased_benefit is None else np.asarray(deceased_benefit, float)
    known = np.atleast_1d(np.isfinite(drawn))
    had = dimes(dollars(np.where(known, drawn, 0.0), "deceased's benefit"))
    early, possible = whole(months_early, "months early"), whole(months_possible, "months possible")
    require((possible >= 60) & (possible <= 84), possible, "months possible lie between 60 and 84")
    require((early >= 0) & (early <= possible), early, "months early cannot exceed those possible")
    base = np.maximum(amount, had)
    parts, whole_parts = widow_parts(early, possible), WIDOW_PARTS * possible
    if rounding == "none":
        exact = base / 10 * parts / whole_parts
        limit = np.where(known & (had < amount), np.maximum(had, 0.825 * amount) / 10, np.inf)
        return np.minimum(exact, limit)
    limited = limit_of_reduced_claim(scaled(base, parts, whole_parts), amount, had, known)
    return payable(limited, rounding)


def lump_sum_death_payment(
    deceased_pia: ArrayLike, *, insured: ArrayLike, has_survivor: ArrayLike
) -> Floats:
    """Return the lump sum on a death in dollars, shape (n,): three times the PIA, at most $255.

    To the spouse who lived with the deceased, or else to spouse or child entitled on the record in
    the month of death (42 U.S.C. 402(i); 20 CFR 404.390-392).

    Parameters
    ----------
    deceased_pia
        Dollars a month.
    insured
        The deceased was fully or currently insured.
    has_survivor
        There is such a spouse or child.

    Raises
    ------
    BadInput
        Missing or negative amounts.
    """
    amount = np.minimum(3 * dollars(deceased_pia, "deceased's PIA"), LUMP_SUM)
    due = np.asarray(insured, bool) & np.asarray(has_survivor, bool)
    return np.asarray(np.where(due, amount, 0.0))


def limit_of_reduced_claim(
    benefit: Integers, deceased_pia: Integers, deceased_benefit: Integers, claimed: Booleans
) -> Integers:
    """Return dimes under RIB-LIM: at most the larger of what was drawn and 82.5 % of the PIA.

    It binds only where a deceased worker had `claimed` less than the PIA (42 U.S.C. 402(e)(2)(D)).
    """
    limit = np.maximum(deceased_benefit, scaled(deceased_pia, 825, 1000))
    binds = claimed & (deceased_benefit < deceased_pia)
    return np.asarray(np.where(binds, np.minimum(benefit, limit), benefit), np.int64)


def deemed_to_file(
    birth_month: ArrayLike, claim_month: ArrayLike, full_retirement_month: ArrayLike
) -> Booleans:
    """Tell for whom filing for the own or the spouse's benefit is filing for both.

    Born on or after 2 January 1954: whenever they file; earlier cohorts only before full
    retirement age (42 U.S.C. 402(r); 20 CFR 404.623; POMS GN 00204.035).
    """
    always = np.asarray(birth_month) >= DEEMED_FILING_BORN
    return np.asarray(always | (np.asarray(claim_month) < np.asarray(full_retirement_month)))
