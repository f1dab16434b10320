"""Average indexed monthly earnings (42 U.S.C. 415(b); 20 CFR 404.211)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import BadInput, dollars, require, whole
from steelyard.oasdi.money import cents, nearest
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Kind = Literal["retirement", "disability", "survivor"]

FIRST_YEAR = 1951
FIRST_ELIGIBILITY = 1979
CHUNK = 16_384
FEWEST_COMPUTATION_YEARS = 2


def elapsed_years(
    birth_year: ArrayLike, eligibility_year: ArrayLike, kind: Kind = "retirement"
) -> Integers:
    """Return the years after attaining 21 (or 1950) and before eligibility (20 CFR 404.211(e)(1)).

    For retirement they always end the year before 62, so they follow from the eligibility year.
    """
    eligible = whole(eligibility_year, "eligibility year")
    born = eligible - 62 if kind == "retirement" else whole(birth_year, "birth year")
    return np.asarray(eligible - 1 - np.maximum(born + 21, FIRST_YEAR - 1), np.int64)


def dropout_years(elapsed: ArrayLike, kind: Kind = "retirement") -> Integers:
    """Return the years left out: five, for the disabled one in five (42 U.S.C. 415(b)(2)(A)).

    Units: years. The one-in-five rule holds for entitlements from July 1980 on.
    """
    years = np.asarray(elapsed, np.int64)
    dropped = np.clip(years // 5, 0, 5) if kind == "disability" else np.full_like(years, 5)
    return np.minimum(dropped, np.maximum(years - FEWEST_COMPUTATION_YEARS, 0))


def computation_years(
    birth_year: ArrayLike, eligibility_year: ArrayLike, kind: Kind = "retirement"
) -> Integers:
    """Return how many of the highest years are averaged: 35 at 62, at least two.

    Shape of the inputs broadcast. Source: 42 U.S.C. 415(b)(2); 20 CFR 404.211(e).
    """
    elapsed = elapsed_years(birth_year, eligibility_year, kind)
    years = elapsed - dropout_years(elapsed, kind)
    return np.asarray(np.maximum(years, FEWEST_COMPUTATION_YEARS), np.int64)


def aime(
    earnings: ArrayLike,
    *,
    first_year: int,
    birth_year: ArrayLike,
    eligibility_year: ArrayLike,
    kind: Kind = "retirement",
    parameters: Parameters | None = None,
) -> Floats:
    """Return average indexed monthly earnings in whole dollars, shape (n,).

    Earnings are cut at the contribution base of their year, then raised by the wage index of the
    second year before eligibility over that of their year, to the cent; from that second year on
    they count as they are, those after entitlement too. The highest computation years, any of
    them, are averaged over their months and the cents dropped.

    Parameters
    ----------
    earnings
        Shape (n, years), or (years,) for one person: nominal covered earnings, dollars a year.
        The years that may count: for a benefit first paid in a year, earnings before that year.
    first_year
        The calendar year of the first column. Years before 1951 do not count.
    birth_year
        Shape (n,) or one year; the year before for those born on 1 January.
    eligibility_year
        Shape (n,) or one year: of attaining 62; before it, of the onset for disability, of death
        for survivors (42 U.S.C. 415(a)(3)(B)).
    kind
        ``retirement``, ``disability`` or ``survivor``: how elapsed and dropout years are counted.
    parameters
        None for the published law, continued under the Trustees' intermediate scenario.

    Raises
    ------
    BadInput
        Earnings that are negative or not finite, years outside the tables, births before 1900,
        eligibility before 1979 (`steelyard.oasdi.average_monthly_wage`), or, for retirement, in a
        year in which nobody of that birth year attains 62.

    Notes
    -----
    Whole cents throughout, so nothing depends on binary fractions: 20 CFR 404.211(d)-(f);
    POMS RS 00605.018 (indexed earnings to the nearest cent), RS 00605.017.
    """
    law = parameters or default_parameters()
    born, eligible = np.broadcast_arrays(
        whole(birth_year, "birth year"), whole(eligibility_year, "eligibility year")
    )
    check_years(born, eligible, kind)
    years = computation_years(born, eligible, kind)
    return average(earnings, first_year, index_year=eligible - 2, years=years, parameters=law)


def check_years(birth_year: Integers, eligibility_year: Integers, kind: Kind) -> None:
    """Refuse births and eligibilities that the method does not cover; see `aime`."""
    if kind not in ("retirement", "disability", "survivor"):
        raise BadInput(f"kind must be 'retirement', 'disability' or 'survivor', not {kind!r}")
    require(birth_year >= 1900, birth_year, "births before 1900 are outside the tables")
    require(
        eligibility_year >= FIRST_ELIGIBILITY,
        eligibility_year,
        "eligibility before 1979 is computed from average monthly wages (average_monthly_wage)",
    )
    age = eligibility_year - birth_year
    if kind == "retirement":
        good, rule = (age >= 61) & (age <= 62), "retirement eligibility is the year of attaining 62"
    else:
        good = (age >= 14) & (age <= 62)
        rule = f"{kind} eligibility lies between ages 14 and 62 (later events: the year of 62)"
    require(good, age, f"{rule}; found at age")


def average(
    earnings: ArrayLike,
    first_year: int,
    *,
    index_year: ArrayLike,
    years: ArrayLike,
    through: ArrayLike | None = None,
    parameters: Parameters,
) -> Floats:
    """Return the highest `years` of indexed earnings, averaged over their months, shape (n,).

    Parameters
    ----------
    earnings, first_year
        As in `aime`.
    index_year
        Shape (n,) or one: the year whose wages set the level.
    years
        Shape (n,) or one: computation years, at least one.
    through
        Shape (n,) or one: the last year whose earnings count; None for every column.
    """
    rows = np.atleast_2d(np.asarray(earnings))
    skipped = max(FIRST_YEAR - first_year, 0)
    calendar = np.arange(first_year + skipped, first_year + rows.shape[1])
    size = np.broadcast_shapes(rows.shape[:1], np.shape(index_year), np.shape(years))[0]
    level = np.broadcast_to(np.asarray(index_year, np.int64), (size,))
    counted = np.broadcast_to(np.asarray(years, np.int64), (size,))
    last = None if through is None else np.broadcast_to(np.asarray(through, np.int64), (size,))
    rows = np.broadcast_to(rows, (size, rows.shape[1]))
    result = np.empty(size, np.int64)
    for start in range(0, size, CHUNK):
        part = slice(start, start + CHUNK)
        given = rows[part].astype(np.float64)
        if not ((given >= 0) & (given < np.inf)).all():
            dollars(rows, "earnings")
        counting = given[:, skipped:]
        if last is not None:
            counting = np.where(calendar <= last[part, None], counting, 0.0)
        indexed = index_earnings(counting, calendar, level[part], parameters)
        result[part] = highest(indexed, counted[part]) // (counted[part] * 1200)
    return result.astype(np.float64)


def index_earnings(
    earnings: Floats, calendar: Integers, index_year: Integers, parameters: Parameters
) -> Integers:
    """Return earnings cut at the base and indexed, in cents, shape (n, years).

    Nearest cent of ``earnings * W(index year) / W(year)`` before the index year, the earnings
    themselves from that year on (42 U.S.C. 415(b)(3); 20 CFR 404.211(d)).
    """
    wages = parameters.average_wage_index
    capped = cents(np.minimum(earnings, parameters.contribution_base.at(calendar)).T)
    level = wages.at(index_year)
    for column, year in zip(capped, calendar.tolist(), strict=True):
        before = index_year > year
        if before.any():
            raised = nearest(column * level, wages.at(year))
            column[:] = raised if before.all() else np.where(before, raised, column)
    return capped.T


def highest(indexed: Integers, years: Integers) -> Integers:
    """Return the sum of each row's `years` highest entries, shape (n,), in their unit."""
    width = indexed.shape[1]
    total = np.empty(years.size, np.int64)
    for count in np.unique(years):
        chosen = np.flatnonzero(years == count)
        rows = np.ascontiguousarray(indexed[chosen])
        left_out = width - int(count)
        if left_out > 0:
            rows.partition(left_out - 1, axis=1)
            rows = rows[:, left_out:]
        total[chosen] = rows.sum(axis=1)
    return total
