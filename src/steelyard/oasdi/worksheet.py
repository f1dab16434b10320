"""The worksheet of one person, line by line, in the order of SSA's own pages.

Insured status, earnings and their indexing, the average, the formula, the increases, age, family:
https://www.ssa.gov/oact/ProgData/retirebenefit1.html and retirebenefit2.html.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi.benefit_table import table_dimes
from steelyard.oasdi.checks import BadInput
from steelyard.oasdi.dates import NEVER, month_of_year, year_of
from steelyard.oasdi.families import Benefits, benefits
from steelyard.oasdi.formula import formula_dimes, with_colas
from steelyard.oasdi.indexing import FIRST_ELIGIBILITY, FIRST_YEAR, index_earnings
from steelyard.oasdi.insured import quarters_of_coverage, required_quarters, total_quarters
from steelyard.oasdi.money import from_dimes
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.people import People, Relation, Ties
from steelyard.oasdi.records import Records
from steelyard.oasdi.reductions import CREDIT_PARTS, claim_months
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
TIE_MONTHS = ("claim", "start", "end", "until", "remarried", "seven_years_from")


@dataclass(frozen=True)
class Line:
    """One line: what is computed, the amount, and the rule behind it."""

    step: str
    amount: float
    note: str = ""
    is_count: bool = False

    def __str__(self) -> str:
        shown = f"{int(self.amount)}" if self.is_count else f"{self.amount:,.2f}"
        return f"  {self.step:<50}{shown:>14}  {self.note}".rstrip()


@dataclass(frozen=True)
class YearLine(Line):
    """A year's earnings: as they were, the indexing factor, and what counts."""

    earnings: float = 0.0
    factor: float = 1.0

    def __str__(self) -> str:
        year = self.step.rsplit(" ", 1)[1]
        amounts = f"{self.earnings:>14,.2f} {self.factor:>12.7f} {self.amount:>15,.2f}"
        return f"  {year:<8}{amounts}  {self.note}".rstrip()


@dataclass(frozen=True)
class Section:
    """Lines under a heading."""

    heading: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return "\n".join(["", self.heading, *map(str, self.lines)])


@dataclass(frozen=True)
class Worksheet:
    """The sections of a person's month; `str` prints them."""

    title: str
    sections: tuple[Section, ...]

    def __str__(self) -> str:
        return "\n".join([self.title, *map(str, self.sections)])

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line, in order."""
        return tuple(line for section in self.sections for line in section.lines)

    def amount(self, step: str) -> float:
        """Return the amount of the line whose step begins so.

        Raises
        ------
        BadInput
            If no line does.
        """
        for line in self.lines:
            if line.step.startswith(step):
                return line.amount
        raise BadInput(f"worksheet: no line begins with {step!r}")


def explain(
    people: People,
    row: int,
    *,
    month: int,
    ties: Ties | None = None,
    parameters: Parameters | None = None,
) -> Worksheet:
    """Return how the benefits of one person in a month come about.

    Parameters
    ----------
    people, ties
        The population; only the person and whom ties lead to from there are looked at.
    row
        The person's row.
    month
        The month index.

    Raises
    ------
    BadInput
        If the row does not exist, or the person cannot be computed.
    """
    law = parameters or default_parameters()
    if not 0 <= row < people.size:
        raise BadInput(f"explain: row {row} does not exist; there are {people.size} persons")
    empty = np.zeros(0, np.int64)
    claims = Ties(empty, empty, empty, empty) if ties is None else ties
    people, claims, row = _related(people, claims, row)
    paid = benefits(people, claims, month=month, parameters=law)
    one, own = _One(people.take(np.array([row])), month, law), _own_record(paid.records, row)
    sections = [_insured(one, own)]
    if own.pia[0] > 0:
        sections += [*_average(one, own), _amount(one, own), _age(one, own)]
    sections += _family(people, claims, row, paid)
    total = Line("Paid for the month", float(paid.total[row]), _rounded(month))
    title = (
        f"Person {np.asarray(people.names())[row]}, born {_month(one.birth)}, "
        f"benefit for {_month(month)} ({law.scenario} projections after the published years)"
    )
    return Worksheet(title, (*sections, Section("Payment", (total,))))


def _related(people: People, ties: Ties, row: int) -> tuple[People, Ties, int]:
    """Return whom ties lead to from a row, however many steps away, their ties, and the row."""
    rows, ends = np.array([row]), ("worker", "person", "other_worker")
    columns = {name: ties.column(name) for name in (*TIE_MONTHS, *ends)}
    while True:
        touched = np.any([np.isin(columns[name], rows) for name in ends], axis=0)
        met = [columns[name][touched] for name in ends]
        found = np.unique(np.concatenate([rows, *met]))
        found = found[(found >= 0) & (found < people.size)]
        if found.size == rows.size:
            break
        rows = found
    kept = {name: column[touched] for name, column in columns.items()}
    for name in ends:
        at = np.minimum(np.searchsorted(rows, kept[name]), rows.size - 1)
        kept[name] = np.where(rows[at] == kept[name], at, -1)
    near = Ties(relation=ties.kinds[touched], **kept)
    return people.take(rows), near, int(np.searchsorted(rows, row))


@dataclass(frozen=True, eq=False)
class _One:
    """The one person, in the one month, under the law."""

    person: People
    month: int
    law: Parameters

    def at(self, name: str) -> int:
        return int(self.person.months(name)[0])

    @property
    def birth(self) -> int:
        return self.at("birth")

    @property
    def full(self) -> int:
        return self.birth + int(self.law.full_retirement_age(year_of(self.birth)))


def _own_record(records: Records, row: int) -> Records:
    return Records(**{name: column[row : row + 1] for name, column in vars(records).items()})


def _month(index: int) -> str:
    return f"{int(year_of(index))}-{int(month_of_year(index)):02d}"


def _rounded(month: int) -> str:
    return "down to the dollar" if month >= 12 * 1982 + 5 else "to the dime, as then paid"


def _insured(one: _One, own: Records) -> Section:
    first, earned = one.person.first_year, one.person.earnings
    quarters = quarters_of_coverage(earned, first_year=first, parameters=one.law)
    through = min(one.month, one.at("death")) // 12
    total = total_quarters(quarters, earned, first_year=first, through_year=through)
    eligible = int(own.eligibility_year[0])
    born = year_of(one.birth)
    needed = int(required_quarters(born, min(eligible, int(born) + 62))[0])
    status = "fully insured" if own.is_fully_insured[0] else "not fully insured"
    if not own.is_fully_insured[0] and own.is_currently_insured[0]:
        status += ", currently insured"
    lines = [
        Line("Quarters of coverage", float(total[0]), f"{needed} needed: {status}", True),
        Line("Eligibility year", eligible, "of 62, or of disability or death before", True),
    ]
    if own.pia[0] == 0:
        lines.append(Line("Own record gives no benefit", 0.0, "not insured, or before eligibility"))
    return Section("Insured status: 42 U.S.C. 413-414", tuple(lines))


def _average(one: _One, own: Records) -> list[Section]:
    eligible, years = int(own.eligibility_year[0]), int(own.computation_years[0])
    is_indexed = eligible >= FIRST_ELIGIBILITY
    index_year = eligible - 2 if is_indexed else FIRST_YEAR
    calendar, earned = _counting(one, own)
    indexed = index_earnings(earned[None, :], calendar, np.array([index_year]), one.law)[0]
    counted = set(np.argsort(-indexed, kind="stable")[:years].tolist())
    level = one.law.average_wage_index.at(index_year)
    lines: list[Line] = []
    for at in np.flatnonzero(earned > 0):
        year, capped = (
            int(calendar[at]),
            min(earned[at], one.law.contribution_base.at(calendar[at])),
        )
        factor = 1.0
        if year < index_year:
            factor = float(level) / float(one.law.average_wage_index.at(year))
        note = "" if int(at) in counted else "(not counted)"
        amount = float(indexed[at]) / 100
        lines.append(
            YearLine(f"Indexed earnings {year}", amount, note, False, float(capped), factor)
        )
    note = f"wages of {index_year} over those of the year" if is_indexed else "not indexed"
    heading = f"Earnings up to the base, indexing factor ({note}), indexed earnings: 415(b)(3)"
    total = sum(int(indexed[at]) for at in counted) / 100
    aime, name = float(own.aime[0]), "AIME" if is_indexed else "Average monthly wage"
    because = f"over {years * 12} months, cents dropped"
    if aime != total // (years * 12):
        because = "more with a period of disability left out: 415(b)(2)(B)"
    averages = [Line(f"Sum of the {years} highest years", total), Line(name, aime, because)]
    if is_indexed:
        averages.insert(0, Line(f"Average wage index of {index_year}", float(level) / 100))
    return [Section(heading, tuple(lines)), Section("Average: 415(b)", tuple(averages))]


def _counting(one: _One, own: Records) -> tuple[Integers, NDArray[np.float64]]:
    """Return the calendar from 1951 on, and the earnings that may count in the month."""
    person = one.person
    start = max(FIRST_YEAR, person.first_year)
    calendar = np.arange(start, person.first_year + person.earnings.shape[1])
    last = one.at("death") // 12 if own.is_dead[0] else one.month // 12 - 1
    onset = one.at("onset")
    if onset < NEVER and int(own.eligibility_year[0]) == onset // 12:
        last = min(last, onset // 12)
    earned = person.earnings[0, start - person.first_year :]
    return calendar, np.where(calendar <= last, earned, 0.0)


def _amount(one: _One, own: Records) -> Section:
    eligible, pia = int(own.eligibility_year[0]), float(own.pia[0]) / 10
    lines, amount = _first_amount(one, own)
    for year in range(max(eligible, FIRST_ELIGIBILITY), one.month // 12 + 1):
        before = amount
        amount = with_colas(amount, year, np.minimum(one.month, year * 12 + 11), one.law)
        if amount[0] != before[0]:
            rate = float(one.law.cola.at(year)) / 10
            projected = ", projected" if one.law.cola.is_projected(year) else ""
            grown = float(from_dimes(amount)[0])
            lines.append(Line(f"after the increase of {year}", grown, f"{rate:.1f} %{projected}"))
    note = "as above"
    if pia > float(from_dimes(amount)[0]):
        note = "a minimum or the guarantee of 1979-1983 gives more"
    if pia < float(from_dimes(amount)[0]):
        note = "less for a pension from work not covered (WEP)"
    lines.append(Line("Primary insurance amount", pia, note))
    lines.append(Line("Family maximum", float(own.maximum[0]) / 10, "403(a)"))
    return Section("Primary insurance amount: 415(a), increases: 415(i)", tuple(lines))


def _first_amount(one: _One, own: Records) -> tuple[list[Line], Integers]:
    """Return the lines of the formula, and its amount in dimes before any increase."""
    eligible, aime = own.eligibility_year, own.aime
    if eligible[0] < FIRST_ELIGIBILITY:
        amount, _ = table_dimes(aime.astype(np.int64), 12 * FIRST_ELIGIBILITY, one.law)
        note = "from the benefit table, 415(a) as then in effect"
        return [Line("Amount of December 1978", float(from_dimes(amount)[0]), note)], amount
    amount = formula_dimes(aime, eligible, one.law)
    bends = [0, *(int(bend.at(eligible)[0]) for bend in one.law.pia_bends), int(aime[0])]
    lines = []
    shares = [float(share.at(eligible)[0]) / 100 for share in one.law.pia_shares]
    for share, below, above in zip(shares, bends[:-1], [*bends[1:3], np.inf], strict=True):
        part = max(min(float(aime[0]), above) - below, 0.0)
        to = f"from {below:,} to {above:,.0f}" if above < np.inf else f"above {below:,}"
        lines.append(Line(f"{share:g} % of AIME {to}", part * share / 100, f"{part:,.0f} dollars"))
    note = "the sum to the dime"
    lines.append(Line(f"PIA of {int(eligible[0])}", float(from_dimes(amount)[0]), note))
    return lines, amount


def _age(one: _One, own: Records) -> Section:
    amount, name = float(own.own[0]) / 10, "Retirement benefit"
    if own.is_disabled[0]:
        name, note = "Disability benefit", "the whole amount: 423(a)(2)"
    elif own.is_converted[0]:
        note = "as the disability benefit that it replaces at full retirement age: 402(a)"
    elif not own.is_retired[0]:
        name, note = "Own benefit", "not claimed, or deceased"
    else:
        note = _claimed(one)
    ages = Line(f"Full retirement age reached {_month(one.full)}", one.full - one.birth, "", True)
    return Section("Age, in months: 402(q), 402(w)", (ages, Line(name, amount, note)))


def _claimed(one: _One) -> str:
    claim = one.at("claim")
    early, late = (int(n) for n in claim_months(one.birth, claim, one.month, one.law))
    parts = [f"claimed {_month(claim)}: {early} months early, {late} months of credit"]
    if one.month >= one.full and one.at("months_withheld"):
        given = min(one.at("months_withheld"), early)
        early -= given
        parts.append(f"{given} months withheld given back")
    if early:
        near, far = min(early, 36), max(early - 36, 0)
        beyond = f" + {far} x 5/12 %" if far else ""
        parts.append(f"{near} x 5/9 %{beyond} = {near * 5 / 9 + far * 5 / 12:.2f} % off")
    if late:
        rate = float(one.law.delayed_credit(year_of(one.birth))) / CREDIT_PARTS * 100
        parts.append(f"{late} x {rate:.4f} % = {late * rate:.2f} % more")
    return "; ".join(parts)


def _family(people: People, ties: Ties, row: int, paid: Benefits) -> list[Section]:
    sections, names = [], np.asarray(people.names())
    for at in np.flatnonzero(ties.column("person") == row) if ties.size else []:
        relation = Relation(int(ties.kinds[at])).name.lower().replace("_", " ")
        worker = int(ties.column("worker")[at])
        heading = f"As {relation} of person {names[worker]}: 402-403"
        if not paid.is_entitled[at]:
            sections.append(Section(heading, (Line("No benefit", 0.0, "conditions not met"),)))
            continue
        lines = (
            Line("The worker's primary insurance amount", float(paid.records.pia[worker]) / 10),
            Line(f"Original benefit as {relation}", float(paid.original[at])),
            Line("within the family maximum", float(paid.after_maximum[at])),
            Line("beyond the own benefit, after age", float(paid.auxiliary[at])),
        )
        sections.append(Section(heading, lines))
    return sections
