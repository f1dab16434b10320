"""Each person's own record in a month: insured, AIME, PIA, family maximum, own benefit."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi.alternatives import (
    average_wage,
    raise_to_frozen_minimum,
    raise_to_guarantee,
    raise_to_special,
)
from steelyard.oasdi.benefit_table import FIRST_TABLE_ELIGIBILITY, table_dimes
from steelyard.oasdi.checks import BadInput
from steelyard.oasdi.coverage import years_of_coverage
from steelyard.oasdi.dates import AGE_62, NEVER, month, year_of
from steelyard.oasdi.disability import first_disability_month, is_converted
from steelyard.oasdi.exclusions import DROPPED_AFTER_RECOVERY, wholly_disabled, years_frozen
from steelyard.oasdi.formula import (
    WINDFALL_REPEALED,
    formula_dimes,
    windfall_dimes,
    with_colas,
)
from steelyard.oasdi.indexing import FIRST_ELIGIBILITY, average, computation_years
from steelyard.oasdi.insured import (
    insured_years,
    is_currently_insured,
    is_disability_insured,
    quarters_of_coverage,
    required_quarters,
    total_quarters,
)
from steelyard.oasdi.limits import disability_maximum, maximum_dimes
from steelyard.oasdi.money import ratio, scaled
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.people import People
from steelyard.oasdi.reductions import CREDIT_PARTS, PARTS, claim_months, early_parts

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

ROWS = 65_536
MONTHS_PAID_AFTER_RECOVERY = 2
RULES_OF_1980 = int(month(1980, 7))
"""First month of entitlement to disability benefits with one dropout year in five, and with a
family maximum of their own (P.L. 96-265, s. 101-102)."""
ROUNDED_DOWN = int(month(1982, 6))
"""First month whose benefits are cut to the dime, not raised to it (P.L. 97-35, s. 2206)."""


@dataclass(frozen=True, eq=False)
class Records:
    """What each record gives in one month, arrays of shape (n,).

    eligibility_year, computation_years
        Years; the first also for persons whose time has not come.
    is_fully_insured, is_currently_insured
        Quarters of coverage suffice (the second also for those fully insured).
    is_dead, is_disabled, is_retired, is_converted
        The state in the month. The disabled and the retired are paid; the converted are retired on
        what was a disability benefit until full retirement age, and was not preceded by a
        retirement benefit.
    aime
        Dollars a month; 0 where nothing can be computed yet. The average monthly wage where
        eligibility came before 1979.
    pia, maximum, own, drawn_at_death
        Dimes a month: PIA and family maximum with their increases, the own benefit, and what a
        deceased worker drew, or could have after full retirement age (-1: had not claimed).
    """

    eligibility_year: Integers
    computation_years: Integers
    is_fully_insured: Booleans
    is_currently_insured: Booleans
    is_dead: Booleans
    is_disabled: Booleans
    is_retired: Booleans
    is_converted: Booleans
    aime: Floats
    pia: Integers
    maximum: Integers
    own: Integers
    drawn_at_death: Integers


def records(people: People, when: int, parameters: Parameters) -> Records:
    """Return every person's record in the month `when`, in blocks that fit the cache.

    Earnings count up to the year before, those of later years after the next January, as the
    automatic recomputation has it (42 U.S.C. 415(f)(2); 20 CFR 404.285); for the deceased up to
    the year of death, for the disabled up to that of onset (the freeze, 42 U.S.C. 415(b)(2)(B)).
    """
    blocks = [
        _block(people.take(np.arange(start, min(start + ROWS, people.size))), when, parameters)
        for start in range(0, people.size, ROWS)
    ]
    if not blocks:
        raise BadInput("records: there are no persons")
    joined = {
        each.name: np.concatenate([getattr(block, each.name) for block in blocks])
        for each in fields(Records)
    }
    return Records(**joined)


def _block(people: People, when: int, parameters: Parameters) -> Records:
    birth, death = people.months("birth"), people.months("death")
    status = _status(people, when, parameters)
    eligible, full, current, disabled = status
    dead = death <= when
    due = (full | current) & (eligible <= when // 12) & (eligible >= FIRST_TABLE_ELIGIBILITY)
    at = np.flatnonzero(due)
    first = first_disability_month(people.months("onset"))
    years = _computation_years(birth, eligible, disabled & (first >= RULES_OF_1980), dead)
    amounts = _Amounts.of(people.take(at), eligible[at], disabled[at], years[at], when, parameters)
    spread = {name: np.zeros(people.size, np.int64) for name in ("pia", "regular", "maximum")}
    aime = np.zeros(people.size)
    for name, values in spread.items():
        values[at] = getattr(amounts, name)
    aime[at] = amounts.aime
    paying = people.months("recovery") + MONTHS_PAID_AFTER_RECOVERY >= when
    drawing = disabled & ~dead & (first <= when) & due & paying
    converted = drawing & is_converted(birth, when, parameters)
    retired = (people.months("claim") <= when) & ~dead & ~drawing & full & due
    own = _own(people, when, spread, parameters)
    carried = np.clip(first - people.months("claim"), 0, _most_early(birth, parameters))
    own_disabled = scaled(spread["pia"], early_parts(carried), PARTS)
    own = np.where(drawing, own_disabled, np.where(retired, own, 0))
    return Records(
        eligibility_year=eligible,
        computation_years=years,
        is_fully_insured=full,
        is_currently_insured=current,
        is_dead=dead,
        is_disabled=drawing & ~converted,
        is_retired=retired | converted,
        is_converted=converted & (carried == 0),
        aime=aime,
        pia=spread["pia"],
        maximum=spread["maximum"],
        own=own,
        drawn_at_death=_drawn_at_death(people, when, disabled, spread, parameters),
    )


def _status(
    people: People, when: int, parameters: Parameters
) -> tuple[Integers, Booleans, Booleans, Booleans]:
    """Return eligibility years, and who is fully, fully or currently, and disability insured."""
    birth, onset, death = (people.months(name) for name in ("birth", "onset", "death"))
    first = people.first_year
    quarters = quarters_of_coverage(people.earnings, first_year=first, parameters=parameters)
    full_age = birth + parameters.full_retirement_age(year_of(birth))
    last = np.minimum(when // 12, year_of(death))
    total = total_quarters(quarters, people.earnings, first_year=first, through_year=last)
    began = (first_disability_month(onset) <= np.minimum(when, death)) & (onset < full_age)
    # A disability that ended more than a year before 62 leaves eligibility to age 62.
    until = np.minimum(np.minimum(birth + AGE_62, death), when)
    began &= people.months("recovery") + 12 >= until
    disabled = np.zeros(people.size, bool)
    rows = np.flatnonzero(began)
    if rows.size:
        need = required_quarters(year_of(birth[rows]), np.minimum(year_of(onset[rows]), last[rows]))
        disabled[rows] = is_disability_insured(
            quarters[rows],
            first_year=first,
            birth_month=birth[rows],
            onset_month=onset[rows],
            fully_insured=total[rows] >= need,
        )
    eligible = insured_years(birth, np.where(disabled, onset, NEVER), np.minimum(death, NEVER))
    full = total >= required_quarters(year_of(birth), np.minimum(eligible, year_of(birth) + 62))
    current = full.copy()
    rows = np.flatnonzero(~full & (death <= when))
    if rows.size:
        current[rows] = is_currently_insured(
            quarters[rows], first_year=first, event_month=death[rows]
        )
    return eligible, full, current, disabled


def _computation_years(
    birth: Integers, eligible: Integers, disabled: Booleans, dead: Booleans
) -> Integers:
    born = year_of(birth)
    retirement = computation_years(born, eligible, "retirement")
    early = eligible < born + 62
    survivor = computation_years(born, eligible, "survivor")
    disability = computation_years(born, eligible, "disability")
    years = np.where(early, survivor, retirement)
    return np.asarray(np.where(disabled & ~dead, disability, years), np.int64)


@dataclass(frozen=True, eq=False)
class _Amounts:
    aime: Floats
    regular: Integers
    pia: Integers
    maximum: Integers

    @classmethod
    def of(
        cls,
        people: People,
        eligible: Integers,
        disabled: Booleans,
        years: Integers,
        when: int,
        parameters: Parameters,
    ) -> "_Amounts":
        death, onset = people.months("death"), people.months("onset")
        last = np.where(death <= when, year_of(death), when // 12 - 1)
        last = np.where(disabled, np.minimum(last, year_of(onset)), last)
        if eligible.size == 0:
            none = np.zeros(0, np.int64)
            return cls(np.zeros(0), none, none, none)
        people = people.through(last)
        indexed = np.maximum(eligible, FIRST_ELIGIBILITY)
        aime = average(
            people.earnings,
            people.first_year,
            index_year=indexed - 2,
            years=years,
            parameters=parameters,
        )
        aime = _frozen(people, indexed, disabled, aime, parameters)
        start = formula_dimes(aime, indexed, parameters)
        pension = np.where(death > when, people.pensions(), 0.0)
        if when < WINDFALL_REPEALED and (pension > 0).any():
            covered = years_of_coverage(
                people.earnings, first_year=people.first_year, parameters=parameters
            )
            start = windfall_dimes(
                aime, indexed, pension=pension, years_of_coverage=covered, parameters=parameters
            )
        raise_to_guarantee(people, eligible, disabled, years, start, parameters)
        limit = maximum_dimes(start, indexed, parameters)
        first = first_disability_month(onset)
        own_limit = disabled & (death > when) & (first >= RULES_OF_1980)
        own_limit &= ~is_converted(people.months("birth"), when, parameters)
        limit = np.where(own_limit, disability_maximum(start, aime, indexed), limit)
        regular = with_colas(start, indexed, when, parameters)
        maximum = with_colas(limit, indexed, when, parameters)
        old = np.flatnonzero(eligible < FIRST_ELIGIBILITY)
        if old.size:
            aime[old] = average_wage(people.take(old), years[old], parameters)
            wage = aime[old].astype(np.int64)
            regular[old], maximum[old] = table_dimes(wage, when, parameters)
        raise_to_frozen_minimum(people, eligible, when, regular, maximum, parameters)
        pia = regular.copy()
        raise_to_special(people, when, pia, maximum, parameters)
        return cls(aime, regular, pia, maximum)


def _frozen(
    people: People,
    eligible: Integers,
    disabled: Booleans,
    aime: Floats,
    parameters: Parameters,
) -> Floats:
    """Return AIME, higher where leaving out a past period of disability makes it so."""
    recovery, onset = people.months("recovery"), people.months("onset")
    rows = np.flatnonzero((recovery < NEVER) & ~disabled & (eligible > year_of(onset)))
    if rows.size == 0:
        return aime
    born, year = year_of(people.months("birth")[rows]), eligible[rows]
    frozen = years_frozen(onset[rows], recovery[rows], birth_year=born, eligibility_year=year)
    elapsed = year - 1 - np.maximum(born + 21, 1950) - frozen
    earned = people.earnings[rows]
    calendar = np.arange(people.first_year, people.first_year + earned.shape[1])
    without = average(
        np.where(wholly_disabled(calendar, onset[rows], recovery[rows]), 0.0, earned),
        people.first_year,
        index_year=year - 2,
        years=np.maximum(elapsed - DROPPED_AFTER_RECOVERY, 2),
        parameters=parameters,
    )
    raised = aime.copy()
    raised[rows] = np.maximum(aime[rows], without)
    return raised


def _own(
    people: People, when: int, spread: dict[str, Integers], parameters: Parameters
) -> Integers:
    """Return retirement benefits as if claimed, in dimes; no credits on the special minimum."""
    birth, claim = people.months("birth"), people.months("claim")
    early, late = claim_months(birth, np.minimum(claim, when), np.int64(when), parameters)
    full = birth + parameters.full_retirement_age(year_of(birth))
    kept = _kept(people, early, when >= full, parameters)
    return _aged(spread, kept, late, birth, when < ROUNDED_DOWN, parameters)


def _kept(people: People, early: Integers, adjusted: Booleans, parameters: Parameters) -> Integers:
    """Return what age leaves, in 720ths: from full retirement age on for the months paid only."""
    paid = np.maximum(early - people.months("months_withheld"), 0)
    most = _most_early(people.months("birth"), parameters)
    return early_parts(np.clip(np.where(adjusted, paid, early), 0, most))


def _most_early(birth: Integers, parameters: Parameters) -> Integers:
    """Return the months from 62 to full retirement age, shape (n,)."""
    return parameters.full_retirement_age(year_of(birth)) - AGE_62


def _aged(
    spread: dict[str, Integers],
    kept: Integers,
    late: Integers,
    birth: Integers,
    up: bool,
    parameters: Parameters,
) -> Integers:
    credit = CREDIT_PARTS + late * parameters.delayed_credit(year_of(birth))
    year = ROUNDED_DOWN // 12 - up
    with_credit = ratio(spread["regular"] * kept * credit, PARTS * CREDIT_PARTS, year=year)
    return np.maximum(with_credit, ratio(spread["pia"] * kept, PARTS, year=year))


def _drawn_at_death(
    people: People,
    when: int,
    disabled: Booleans,
    spread: dict[str, Integers],
    parameters: Parameters,
) -> Integers:
    """Return what the deceased would draw in `when`, in dimes; -1 if not yet claimed.

    As if alive (42 U.S.C. 402(e)(2)(D)(i)), so months withheld come off the reduction once full
    retirement age would have been reached (POMS RS 00615.320 B).
    """
    birth, claim, death = (people.months(name) for name in ("birth", "claim", "death"))
    full = birth + parameters.full_retirement_age(year_of(birth))
    began = np.minimum(claim, np.where(death >= full, death, claim))
    early, late = claim_months(birth, began, np.maximum(death, began) + 12, parameters)
    kept = _kept(people, early, when >= full, parameters)
    drawn = _aged(spread, kept, late, birth, False, parameters)
    known = (death < NEVER) & (began <= death) & ~disabled
    return np.asarray(np.where(known, drawn, -1), np.int64)
