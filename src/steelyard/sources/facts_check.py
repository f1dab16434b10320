"""What can be wrong with a fact, found before anything is built from it."""

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from steelyard.sources.facts_magnitude import implausible_rows
from steelyard.sources.facts_schema import (
    ALLOWED,
    COUNTED_IN,
    FACT_COLUMNS,
    OPTIONAL_COLUMNS,
    Constraint,
    ConstraintError,
    Vocabulary,
    parse_constraints,
)

_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_SMART = re.compile("[\u2018\u2019\u201c\u201d\u00ab\u00bb]")


@dataclass(frozen=True)
class Problem:
    """One thing wrong, with its place.

    Parameters
    ----------
    seed_file, seed_line
        Where; the line counts from 1, the header included.
    column, value
        What; empty where the whole file is meant.
    message
        What is wrong with it.
    allowed
        Names that would be right; the nearest is shown, and all where they are few.
    """

    seed_file: str
    seed_line: int
    column: str
    value: str
    message: str
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Render as ``file:line: column 'value' message; nearest …; allowed: …``."""
        quoted = f"{self.value!r} " if self.value else ""
        text = f"{self.seed_file}:{self.seed_line}: {self.column} {quoted}{self.message}"
        near = difflib.get_close_matches(self.value, self.allowed, n=1, cutoff=0.5)
        if near:
            text += f"; nearest: {near[0]}"
        if self.allowed:
            some = ", ".join(self.allowed[:8])
            more = f", ... ({len(self.allowed)} in all)" if len(self.allowed) > 8 else ""
            text += f"; allowed: {some}{more}"
        return text.replace(":  ", ": ")


Row = dict[str, str]
Finding = tuple[str, str, tuple[str, ...]]
Check = Callable[[Row], Iterator[Finding]]


def check_facts(facts: pa.Table, vocabulary: Vocabulary) -> list[Problem]:
    """Find everything wrong with the content of the facts.

    Parameters
    ----------
    facts
        As `steelyard.sources.facts.read_facts` returns them.
    vocabulary
        The names that facts may use.

    Returns
    -------
    list of Problem
        In file order; empty if the facts can be used.
    """
    rows = [
        {name: cell or "" for name, cell in zip(FACT_COLUMNS, cells, strict=True)}
        for cells in zip(*(facts[name].to_pylist() for name in FACT_COLUMNS), strict=True)
    ]
    places = list(zip(facts["seed_file"].to_pylist(), facts["seed_line"].to_pylist(), strict=True))
    parse = _ConstraintReader(vocabulary)
    checks: tuple[Check, ...] = (
        _check_cells,
        _check_names(vocabulary),
        _check_numbers,
        _check_unit,
        parse.check,
    )
    problems = [
        Problem(*place, column, row[column], message, allowed)
        for place, row in zip(places, rows, strict=True)
        for check in checks
        for column, message, allowed in check(row)
    ]
    problems += _duplicates(rows, places, parse)
    if not problems:
        problems += [
            Problem(*places[index], "value", rows[index]["value"], message)
            for index, message in implausible_rows(rows, [file for file, _ in places])
        ]
    return sorted(problems, key=lambda problem: (problem.seed_file, problem.seed_line))


def _check_cells(row: Row) -> Iterator[Finding]:
    for column, cell in row.items():
        if not cell and column not in OPTIONAL_COLUMNS:
            yield column, "is empty", ALLOWED.get(column, ())
        elif _SMART.search(cell):
            yield column, "holds a spreadsheet's curly quote; type a straight one or none", ()


def _check_names(vocabulary: Vocabulary) -> Check:
    publishers = tuple(sorted(vocabulary.publishers))
    universes = tuple(sorted(vocabulary.universes))
    variables = tuple(sorted({variable for variable, _ in vocabulary.variables}))
    entities: dict[str, list[str]] = defaultdict(list)
    for variable, entity in sorted(vocabulary.variables):
        entities[variable].append(entity)
    geoids: dict[str, list[str]] = defaultdict(list)
    for level, geoid in sorted(vocabulary.geographies):
        geoids[level].append(geoid)

    fixed = ALLOWED | {
        "publisher": publishers,
        "universe": universes,
        "variable": variables,
        "geography_level": tuple(sorted(geoids)),
    }
    known = {column: frozenset(names) for column, names in fixed.items()}

    def check(row: Row) -> Iterator[Finding]:
        for column, names in known.items():
            if row[column] and row[column] not in names:
                yield column, "is not known", fixed[column]
        if row["variable"] in entities and row["entity"] not in entities[row["variable"]]:
            yield "entity", f"does not carry {row['variable']}", tuple(entities[row["variable"]])
        level, geoid = row["geography_level"], row["geoid"]
        if level in geoids and (level, geoid) not in vocabulary.geographies:
            message = f"is not a geoid of level {level}"
            if re.fullmatch(r"\d", geoid):
                message += f"; FIPS codes are text with a leading zero: 0{geoid}"
            yield "geoid", message, tuple(geoids[level])

    return check


def _check_numbers(row: Row) -> Iterator[Finding]:
    for column in ("value", "standard_error"):
        cell = row[column]
        if cell and not _DECIMAL.fullmatch(cell):
            yield column, f"is not a plain decimal number{_remedy(cell)}", ()
    if not re.fullmatch(r"(19|20)\d\d", row["period"]):
        yield "period", "is not a year such as 2022", ()
    if row["standard_error"].startswith("-"):
        yield "standard_error", "is negative", ()


def _remedy(cell: str) -> str:
    if "%" in cell:
        return "; drop the percent sign, and use statistic rate, unit percent"
    if re.fullmatch(r"-?\$?\s?[\d,.' ]+", cell):
        return "; drop thousands separators and currency signs"
    if re.fullmatch(r"-?[\d.]+[eE][+-]?\d+", cell):
        return "; a spreadsheet has rounded it, so write every digit out"
    return ""


def _check_unit(row: Row) -> Iterator[Finding]:
    statistic, unit, value = row["statistic"], row["unit"], row["value"]
    expected = {
        "amount": "USD",
        "mean": "USD",
        "rate": "percent",
        "count": COUNTED_IN.get(row["entity"], unit),
    }.get(statistic)
    if expected is None or unit not in ALLOWED["unit"]:
        return
    if unit != expected:
        yield "unit", f"does not go with statistic {statistic} of {row['entity']}", (expected,)
    if not _DECIMAL.fullmatch(value):
        return
    if statistic == "count" and value.startswith("-"):
        yield "value", "is negative, and a count cannot be", ()
    if statistic == "count" and row["period_type"] != "monthly_average" and float(value) % 1:
        yield "value", "is not whole: a count, or a percent given as a total?", ()


class _ConstraintReader:
    """Parses constraint texts once each and checks their names and values."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.columns = vocabulary.constraint_columns
        self.names = tuple(sorted(self.columns))
        self.parsed: dict[str, tuple[Constraint, ...]] = {}
        self.findings: dict[str, list[Finding]] = {}

    def check(self, row: Row) -> Iterator[Finding]:
        text = row["constraints"]
        if text not in self.findings:
            try:
                self.parsed[text] = parse_constraints(text)
                self.findings[text] = list(self._judge(self.parsed[text]))
            except ConstraintError as error:
                self.findings[text] = [("constraints", f"cannot be read: {error}", ())]
        yield from self.findings[text]

    def _judge(self, constraints: tuple[Constraint, ...]) -> Iterator[Finding]:
        for constraint in constraints:
            name, values = constraint.variable, constraint.values
            column = self.columns.get(name)
            if column is None:
                yield self._offence(f"names {name!r}, which no unit carries", name, self.names)
            elif column.kind != "number" and not values:
                message = f"compares {name}, which is {column.kind}, by size"
                yield "constraints", message, column.allowed
            elif column.kind == "number":
                if len(values) > 1:
                    message = f"compares {name} with several numbers; give one number or a band"
                    yield "constraints", message, ()
                elif values and not _DECIMAL.fullmatch(values[0]):
                    yield "constraints", f"compares {name}, a number, with {values[0]!r}", ()
            else:
                for value in values:
                    if column.allowed and value not in column.allowed:
                        message = f"gives {name} the value {value!r}"
                        yield self._offence(message, value.lower(), column.allowed)

    @staticmethod
    def _offence(message: str, name: str, allowed: tuple[str, ...]) -> Finding:
        near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.5)
        return "constraints", message + (f"; nearest: {near[0]}" if near else ""), allowed


def _duplicates(
    rows: list[Row], places: list[tuple[str, int]], parse: _ConstraintReader
) -> Iterator[Problem]:
    cell_columns = [
        "publisher",
        "source_table",
        "period",
        "period_type",
        "geoid",
        "entity",
        "universe",
        "variable",
        "statistic",
    ]
    first_id: dict[str, int] = {}
    first_cell: dict[tuple[object, ...], int] = {}
    for index, row in enumerate(rows):
        before = first_id.setdefault(row["fact_id"], index)
        if before != index:
            where = f"stands already in {places[before][0]}:{places[before][1]}"
            yield Problem(*places[index], "fact_id", row["fact_id"], where)
            continue
        cell = (*(row[column] for column in cell_columns), parse.parsed.get(row["constraints"]))
        before = first_cell.setdefault(cell, index)
        if before != index:
            where = (
                f"is said of a figure that {places[before][0]}:{places[before][1]} "
                f"gives as {rows[before]['value']}; keep one of the two"
            )
            yield Problem(*places[index], "value", row["value"], where)
