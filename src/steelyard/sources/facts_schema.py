"""The schema of a fact: its columns, its vocabulary, and the grammar of its constraints."""

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

FACT_COLUMNS = (
    "fact_id",
    "publisher",
    "source_table",
    "source_cell",
    "citation_url",
    "period",
    "period_type",
    "geography_level",
    "geoid",
    "entity",
    "universe",
    "variable",
    "statistic",
    "unit",
    "constraints",
    "value",
    "standard_error",
    "vintage",
    "assertion",
    "note",
)
OPTIONAL_COLUMNS = frozenset({"source_cell", "constraints", "standard_error", "note"})

ALLOWED = {
    "period_type": (
        "calendar_year",
        "fiscal_year",
        "monthly_average",
        "point_in_time",
        "tax_year",
    ),
    "statistic": ("amount", "count", "mean", "rate"),
    "assertion": ("preliminary", "projection", "published", "survey_estimate"),
    "entity": ("family", "government", "household", "person", "spm_unit", "tax_unit"),
    "unit": ("USD", "families", "households", "percent", "persons", "returns"),
}
COUNTED_IN = {
    "family": "families",
    "household": "households",
    "person": "persons",
    "spm_unit": "households",
    "tax_unit": "returns",
}

_NUMBER = r"-?\d+(?:\.\d+)?"
_CLAUSE = re.compile(
    rf"(?:(?P<floor>{_NUMBER})\s*(?P<above><=|<)\s*)?"
    r"(?P<variable>[a-z][a-z0-9_]*)"
    r"(?:\s*(?P<operator><=|>=|<|>|=)\s*(?P<operand>[A-Za-z0-9_.|-]+))?"
)
OPERATORS = ("=", "<", "<=", ">", ">=")


class ConstraintError(ValueError):
    """A constraint that cannot be read; the message says what is allowed."""


@dataclass(frozen=True, order=True)
class Constraint:
    """One condition on one column of the counted unit.

    Parameters
    ----------
    variable
        Column of the unit relation.
    values
        Values that satisfy the condition; empty for a band.
    lower, upper
        The band ``[lower, upper)``; infinite where open.
    """

    variable: str
    values: tuple[str, ...] = ()
    lower: float = -math.inf
    upper: float = math.inf


def parse_constraints(text: str) -> tuple[Constraint, ...]:
    """Read a list of conditions, all of which must hold.

    Parameters
    ----------
    text
        Clauses joined by ``;``. A clause is ``column = value``, ``column = one|other``,
        or a comparison such as ``10000 <= column < 25000``, ``column >= 65``, ``column > 0``.

    Returns
    -------
    tuple of Constraint
        Sorted, so that the order of the clauses does not matter.

    Raises
    ------
    ConstraintError
        If a clause is not of that form, or no number can satisfy it.
    """
    return tuple(sorted(_parse_clause(clause.strip()) for clause in text.split(";") if text))


def _parse_clause(clause: str) -> Constraint:
    match = _CLAUSE.fullmatch(clause)
    if match is None or not (match["operator"] or match["above"]):
        raise ConstraintError(
            f"{clause!r} is not a condition; write `column = value` or `10000 <= column < 25000` "
            f"with one of {' '.join(OPERATORS)}, and `;` between conditions"
        )
    variable, operator, operand = match["variable"], match["operator"], match["operand"]
    is_number = operand is not None and re.fullmatch(_NUMBER, operand) is not None
    if operator == "=" and match["above"] is None:
        return Constraint(variable, values=tuple(sorted(operand.split("|"))))
    if operator is not None and not is_number:
        raise ConstraintError(f"{clause!r} compares with {operand!r}, which is not a number")
    if match["above"] and operator in ("=", ">", ">="):
        raise ConstraintError(f"{clause!r} turns around; write `lower <= {variable} < upper`")
    lower, upper = -math.inf, math.inf
    if match["above"]:
        floor = float(match["floor"])
        lower = floor if match["above"] == "<=" else _next(floor)
    if operator in (">", ">="):
        lower = float(operand) if operator == ">=" else _next(float(operand))
    if operator in ("<", "<="):
        upper = float(operand) if operator == "<" else _next(float(operand))
    if lower >= upper:
        raise ConstraintError(f"{clause!r} is an empty band: its lower end is not below its upper")
    return Constraint(variable, lower=lower, upper=upper)


def _next(number: float) -> float:
    return math.nextafter(number, math.inf)


@dataclass(frozen=True)
class ConstraintColumn:
    """A column that a constraint may name: ``number``, ``text`` or ``boolean``."""

    kind: str
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The names a fact may use, from the code lists in ``seeds/codes/codes_target_*.csv``.

    Parameters
    ----------
    publishers, universes
        Known names.
    variables
        Pairs of variable and entity.
    geographies
        Pairs of geography level and geoid; geoid is text.
    constraint_columns
        Columns of the unit relations that constraints may name.
    """

    publishers: frozenset[str]
    universes: frozenset[str]
    variables: frozenset[tuple[str, str]]
    geographies: frozenset[tuple[str, str]]
    constraint_columns: dict[str, ConstraintColumn]


def read_vocabulary(codes: Path) -> Vocabulary:
    """Read the vocabulary of facts from the folder of code lists.

    Raises
    ------
    FileNotFoundError
        If a code list is absent.
    """

    def rows(name: str) -> list[dict[str, str]]:
        with (codes / f"codes_target_{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return Vocabulary(
        publishers=frozenset(row["publisher"] for row in rows("publisher")),
        universes=frozenset(row["universe"] for row in rows("universe")),
        variables=frozenset((row["variable"], row["entity"]) for row in rows("variable")),
        geographies=frozenset((row["geography_level"], row["geoid"]) for row in rows("geography")),
        constraint_columns={
            row["variable"]: ConstraintColumn(
                row["value_kind"], tuple(filter(None, row["allowed_values"].split("|")))
            )
            for row in rows("constraint")
        },
    )
