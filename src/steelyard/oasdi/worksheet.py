"""The worksheet of one person, line by line, as SSA's own pages show it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi.checks import BadInput
from steelyard.oasdi.dates import month_of_year, year_of
from steelyard.oasdi.families import Benefits, benefits
from steelyard.oasdi.formula import SHARES, formula_dimes, with_colas
from steelyard.oasdi.indexing import FIRST_YEAR, index_earnings
from steelyard.oasdi.money import from_dimes
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.people import People, Relation, Ties
from steelyard.oasdi.records import Records
from steelyard.oasdi.reductions import claim_months
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Line:
    """One line: what is computed, the amount, and the rule behind it."""

    step: str
    amount: float
    note: str = ""

    def __str__(self) -> str:
        return f"{self.step:<52}{self.amount:>14,.2f}  {self.note}".rstrip()


@dataclass(frozen=True)
class Worksheet:
    """The lines of a person's month; `str` prints them."""

    title: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return "\n".join([self.title, *map(str, self.lines)])

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
        The population; only the person, and the records that pay the person, are looked at.
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
    paid = benefits(people, claims, month=month, parameters=law)
    own = paid.records
    born = int(people.months("birth")[row])
    title = (
        f"Person {np.asarray(people.names())[row]}, born {_month(born)}, "
        f"benefit for {_month(month)} ({law.scenario} projections after the published years)"
    )
    lines: list[Line] = []
    if own.aime[row] > 0 or own.pia[row] > 0:
        lines += _average(people, row, own, month, law)
        lines += _formula(row, own, month, law)
        lines += _age(people, row, own, month, law)
    else:
        lines.append(Line("Own record gives no benefit", 0.0, "not insured, or before eligibility"))
    lines += _family(claims, row, paid)
    lines.append(Line("Paid for the month", float(paid.total[row]), "down to the dollar"))
    return Worksheet(title, tuple(lines))


def _month(index: int) -> str:
    return f"{int(year_of(index))}-{int(month_of_year(index)):02d}"


def _average(people: People, row: int, own: Records, month: int, law: Parameters) -> list[Line]:
    eligible = int(own.eligibility_year[row])
    start = max(FIRST_YEAR, people.first_year)
    calendar = np.arange(start, people.first_year + people.earnings.shape[1])
    earned = people.earnings[row : row + 1, start - people.first_year :]
    last = year_of(people.months("death")[row]) if own.is_dead[row] else month // 12 - 1
    earned = np.where(calendar <= last, earned, 0.0)
    indexed = index_earnings(earned, calendar, np.array([eligible - 2]), law)[0]
    years = int(own.computation_years[row])
    counted = set(np.argsort(-indexed, kind="stable")[:years].tolist())
    base = law.contribution_base.at(calendar)
    level = law.average_wage_index.at(eligible - 2)
    lines = [
        Line("Eligibility year", eligible, "attaining 62, disability or death: 415(a)(3)(B)"),
        Line(f"Average wage index of {eligible - 2}", float(level) / 100, "indexing year"),
    ]
    for at in np.flatnonzero(earned[0] > 0):
        year = int(calendar[at])
        factor = 1.0
        if year < eligible - 2:
            factor = float(level) / float(law.average_wage_index.at(year))
        capped = min(float(earned[0, at]), float(base[at]))
        note = f"{capped:,.2f} x {factor:.7f}" + ("" if int(at) in counted else "  (not counted)")
        lines.append(Line(f"Indexed earnings {year}", float(indexed[at]) / 100, note))
    total = sum(int(indexed[at]) for at in counted) / 100
    return [
        *lines,
        Line(f"Sum of the {years} highest years", total),
        Line("AIME", float(own.aime[row]), f"over {years * 12} months, cents dropped"),
    ]


def _formula(row: int, own: Records, month: int, law: Parameters) -> list[Line]:
    eligible = own.eligibility_year[row : row + 1]
    one, two = (int(bend.at(eligible)[0]) for bend in law.pia_bends)
    aime = own.aime[row : row + 1]
    amount = formula_dimes(aime, eligible, SHARES[0], law)
    lines = [
        Line(
            f"PIA of {int(eligible[0])}",
            float(from_dimes(amount)[0]),
            f"90 % to {one:,}, 32 % to {two:,}, 15 % above; down to the dime",
        )
    ]
    for year in range(int(eligible[0]), month // 12 + 1):
        before, amount = amount, with_colas(amount, year, np.minimum(month, year * 12 + 11), law)
        if amount[0] != before[0]:
            rate = float(law.cola.at(year)) / 10
            projected = ", projected" if law.cola.is_projected(year) else ""
            note = f"{rate:.1f} %{projected}"
            lines.append(Line(f"after the increase of {year}", float(from_dimes(amount)[0]), note))
    pia = float(own.pia[row]) / 10
    note = "as above" if pia == float(from_dimes(amount)[0]) else "special minimum or pension (WEP)"
    lines.append(Line("Primary insurance amount", pia, note))
    lines.append(Line("Family maximum", float(own.maximum[row]) / 10, "403(a)"))
    return lines


def _age(people: People, row: int, own: Records, month: int, law: Parameters) -> list[Line]:
    if own.is_disabled[row]:
        return [Line("Disability benefit", float(own.own[row]) / 10, "the whole PIA: 423(a)(2)")]
    if not own.is_retired[row]:
        return [Line("Own benefit", 0.0, "not claimed, or deceased")]
    claim = int(people.months("claim")[row])
    early, late = claim_months(people.months("birth")[row], claim, month, law)
    note = f"claimed {_month(claim)}: {int(early)} months early, {int(late)} months of credit"
    return [Line("Retirement benefit", float(own.own[row]) / 10, note)]


def _family(ties: Ties, row: int, paid: Benefits) -> list[Line]:
    lines = []
    for at in np.flatnonzero(ties.column("person") == row) if ties.size else []:
        relation = Relation(int(ties.kinds[at])).name.lower().replace("_", " ")
        of = f"as {relation} of person in row {int(ties.column('worker')[at])}"
        if not paid.is_entitled[at]:
            lines.append(Line(f"Benefit {of}", 0.0, "conditions not met"))
            continue
        lines += [
            Line(f"Original benefit {of}", float(paid.original[at])),
            Line("within the family maximum", float(paid.after_maximum[at])),
            Line("beyond the own benefit, after age", float(paid.auxiliary[at])),
        ]
    return lines
