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
        "ever_in_year",
        "fiscal_year",
        "monthly_average",
        "point_in_time",
        "tax_year",
    ),
    "statistic": ("amount", "count", "mean", "median", "rate"),
    "assertion": ("preliminary", "projection", "published", "survey_estimate"),
    "entity": ("family", "household", "person", "spm_unit", "tax_unit"),
    "unit": ("USD", "families", "households", "percent", "persons", "returns"),
}
MEASURED_IN = {"amount": "USD", "mean": "USD", "median": "USD", "rate": "percent"}
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
            f"with one of {' '.join(OPERATORS)}, and `;` between conditions; names are in lower "
            "case, values without quotes"
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
    """The names a fact may use, from the code lists in ``seeds/codes``.

    Parameters
    ----------
    allowed
        Per column, the names that it may hold.
    measures
        What may be said of what: entity, variable, statistic, unit.
    places
        Per geography level, geoid to name; geoid is text.
    constraint_columns
        Columns of the unit relations that constraints may name.
    """

    allowed: dict[str, tuple[str, ...]]
    measures: frozenset[tuple[str, str, str, str]]
    places: dict[str, dict[str, str]]
    constraint_columns: dict[str, ConstraintColumn]


def read_vocabulary(codes: Path) -> Vocabulary:
    """Read the vocabulary of facts: any statistic of any variable that an entity carries.

    Raises
    ------
    FileNotFoundError
        If a code list is absent.
    """
    carried = {(row["entity"], row["variable"]) for row in _rows(codes, "target_variable")}
    measures = {
        (entity, variable, statistic, MEASURED_IN.get(statistic, COUNTED_IN.get(entity, "")))
        for entity, variable in carried
        for statistic in ALLOWED["statistic"]
    }
    return _vocabulary(codes, frozenset(measures), ALLOWED)


def read_benchmark_vocabulary(codes: Path) -> Vocabulary:
    """Read the vocabulary of benchmarks: what ``codes_benchmark_measure.csv`` lists, no more.

    Raises
    ------
    FileNotFoundError
        If a code list is absent.
    """
    columns = ("entity", "variable", "statistic", "unit")
    listed = _rows(codes, "benchmark_measure")
    lists = {column: tuple(sorted({row[column] for row in listed})) for column in columns}
    measures = frozenset(
        (row["entity"], row["variable"], row["statistic"], row["unit"]) for row in listed
    )
    return _vocabulary(codes, measures, ALLOWED | lists)


def _vocabulary(
    codes: Path,
    measures: frozenset[tuple[str, str, str, str]],
    closed: dict[str, tuple[str, ...]],
) -> Vocabulary:
    places: dict[str, dict[str, str]] = {}
    for row in _rows(codes, "target_geography"):
        places.setdefault(row["geography_level"], {})[row["geoid"]] = row["name"]
    return Vocabulary(
        allowed=closed
        | {
            "publisher": _names(_rows(codes, "target_publisher"), "publisher"),
            "universe": _names(_rows(codes, "target_universe"), "universe"),
            "variable": tuple(sorted({variable for _, variable, _, _ in measures})),
            "geography_level": tuple(sorted(places)),
        },
        measures=measures,
        places=places,
        constraint_columns={
            row["variable"]: ConstraintColumn(
                row["value_kind"], tuple(filter(None, row["allowed_values"].split("|")))
            )
            for row in _rows(codes, "target_constraint")
        },
    )


def _rows(codes: Path, name: str) -> list[dict[str, str]]:
    with (codes / f"codes_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _names(rows: list[dict[str, str]], column: str) -> tuple[str, ...]:
    return tuple(sorted({row[column] for row in rows}))
