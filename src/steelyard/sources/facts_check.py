"""What can be wrong with a fact, found before anything is built from it."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

import pyarrow as pa

from steelyard.sources.facts_magnitude import implausible_rows
from steelyard.sources.facts_problem import Problem, nearest
from steelyard.sources.facts_schema import (
    FACT_COLUMNS,
    OPTIONAL_COLUMNS,
    Constraint,
    ConstraintError,
    Vocabulary,
    parse_constraints,
)

_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_SMART = re.compile("[\u2018\u2019\u201c\u201d\u00ab\u00bb]")
_CELL = (
    "publisher",
    "source_table",
    "period",
    "period_type",
    "geography_level",
    "geoid",
    "entity",
    "universe",
    "variable",
    "statistic",
)
_NAMED = (*_CELL[2:], "publisher", "unit", "assertion")

Row = dict[str, str]
# What is wrong: column, message, allowed names, and the one that was sought among them.
Finding = tuple[str, str, tuple[str, ...], str]
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
        _check_cells(vocabulary),
        _remembered(_check_names(vocabulary)),
        _check_numbers,
        parse.check,
    )
    problems = [
        Problem(*place, column, row[column], message, allowed, sought)
        for place, row in zip(places, rows, strict=True)
        for check in checks
        for column, message, allowed, sought in check(row)
    ]
    problems += _duplicates(rows, places, parse)
    if not problems:
        problems += [
            Problem(*places[index], "value", rows[index]["value"], message)
            for index, message in implausible_rows(rows, [file for file, _ in places])
        ]
    return sorted(problems, key=lambda problem: (problem.seed_file, problem.seed_line))


def _check_cells(vocabulary: Vocabulary) -> Check:
    def check(row: Row) -> Iterator[Finding]:
        for column, cell in row.items():
            if not cell and column not in OPTIONAL_COLUMNS:
                yield column, "is empty", vocabulary.allowed.get(column, ()), ""
            elif _SMART.search(cell):
                message = "holds a spreadsheet's curly quote; type a straight one or none"
                yield column, message, (), ""

    return check


def _remembered(check: Check) -> Check:
    """Judge each combination of names once: a file repeats few of them in many rows."""
    known: dict[tuple[str, ...], list[Finding]] = {}

    def remembering(row: Row) -> Iterator[Finding]:
        names = tuple(row[column] for column in _NAMED)
        if names not in known:
            known[names] = list(check(row))
        yield from known[names]

    return remembering


def _check_names(vocabulary: Vocabulary) -> Check:
    units: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    entities: dict[str, set[str]] = defaultdict(set)
    statistics: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entity, variable, statistic, unit in vocabulary.measures:
        entities[variable].add(entity)
        statistics[entity, variable].add(statistic)
        units[entity, variable, statistic].add(unit)

    def check(row: Row) -> Iterator[Finding]:
        wrong = set()
        for column, names in vocabulary.allowed.items():
            if row[column] and row[column] not in names:
                wrong.add(column)
                yield column, "is not known", names, ""
        if not wrong & {"entity", "variable", "statistic", "unit"}:
            yield from check_measure(row)
        if row["period"] and not re.fullmatch(r"(19|20)\d\d", row["period"]):
            year = re.search(r"(?<!\d)(19|20)\d\d(?!\d)", row["period"])
            remedy = f"; write {year[0]}; a day belongs in `note`" if year else ""
            yield "period", f"is not a year such as 2022{remedy}", (), ""
        if row["geoid"] and "geography_level" not in wrong and row["geography_level"]:
            yield from _check_place(row["geography_level"], row["geoid"], vocabulary)

    def check_measure(row: Row) -> Iterator[Finding]:
        entity, variable, statistic, unit = (
            row[column] for column in ("entity", "variable", "statistic", "unit")
        )
        if not (entity and variable and statistic and unit):
            return
        if entity not in entities[variable]:
            yield "entity", f"does not carry {variable}", tuple(sorted(entities[variable])), ""
        elif statistic not in statistics[entity, variable]:
            right = tuple(sorted(statistics[entity, variable]))
            yield "statistic", f"is not said of {variable}", right, ""
        elif unit not in units[entity, variable, statistic]:
            right = tuple(sorted(units[entity, variable, statistic]))
            yield "unit", f"does not go with statistic {statistic} of {entity}", right, ""

    return check


def _check_place(level: str, geoid: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    places = vocabulary.places[level]
    if geoid in places:
        return
    message = f"is not a geoid of level {level}"
    padded = geoid.zfill(len(next(iter(places))))
    codes = {name: code for code, name in places.items()}
    named = "" if geoid.isdecimal() else nearest(geoid, tuple(codes))
    if padded in places:
        yield "geoid", f"{message}; FIPS codes are text with a leading zero: {padded}", (), ""
    elif named:
        yield "geoid", f"{message}; {named} is {codes[named]}", (), ""
    else:
        # Codes that look alike are not near each other.
        yield "geoid", message, tuple(sorted(places)), "?"


def _check_numbers(row: Row) -> Iterator[Finding]:
    for column in ("value", "standard_error"):
        cell = row[column]
        if cell and not _DECIMAL.fullmatch(cell):
            yield column, f"is not a plain decimal number{_remedy(cell)}", (), ""
    if row["standard_error"].startswith("-"):
        yield "standard_error", "is negative", (), ""
    value = row["value"]
    if not _DECIMAL.fullmatch(value):
        return
    if row["statistic"] == "count":
        if value.startswith("-"):
            yield "value", "is negative, and a count cannot be", (), ""
        elif row["period_type"] != "monthly_average" and float(value) % 1:
            yield "value", "is not whole: a count, or a percent given as a total?", (), ""
    elif row["statistic"] == "rate" and row["unit"] == "percent" and abs(float(value)) > 100:
        yield "value", "is more than 100 percent: a rate, or a total?", (), ""


def _remedy(cell: str) -> str:
    if "%" in cell:
        return "; drop the percent sign, and use statistic rate, unit percent"
    if re.fullmatch(r"\(.*\)", cell):
        return "; write a minus sign, not brackets"
    if re.match("[\u2212\u2012\u2013\u2014]", cell):
        return "; type a plain hyphen for the minus sign"
    if re.fullmatch(r"-?\$?\s?[\d,.'\s]+", cell):
        return "; drop thousands separators and currency signs; decimals have a point"
    if re.fullmatch(r"-?[\d.,]+[eE][+-]?\d+", cell):
        return "; a spreadsheet has rounded it, so write every digit out"
    return ""


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
                self.findings[text] = [("constraints", f"cannot be read: {error}", (), "")]
        yield from self.findings[text]

    def _judge(self, constraints: tuple[Constraint, ...]) -> Iterator[Finding]:
        for constraint in constraints:
            name, values = constraint.variable, constraint.values
            column = self.columns.get(name)
            if column is None:
                message = f"names {name!r}, which no unit carries"
                yield "constraints", message, self.names, name
            elif column.kind != "number" and not values:
                message = f"compares {name}, which is {column.kind}, by size"
                yield "constraints", message, column.allowed, ""
            elif column.kind == "number":
                if len(values) > 1:
                    message = f"compares {name} with several numbers; give one number or a band"
                    yield "constraints", message, (), ""
                elif values and not _DECIMAL.fullmatch(values[0]):
                    message = f"compares {name}, a number, with {values[0]!r}"
                    yield "constraints", message, (), ""
            else:
                for value in values:
                    if column.allowed and value not in column.allowed:
                        message = f"gives {name} the value {value!r}"
                        yield "constraints", message, column.allowed, value


def _duplicates(
    rows: list[Row], places: list[tuple[str, int]], parse: _ConstraintReader
) -> Iterator[Problem]:
    first_id: dict[str, int] = {}
    first_cell: dict[tuple[object, ...], int] = {}
    for index, row in enumerate(rows):
        before = first_id.setdefault(row["fact_id"], index)
        if before != index:
            where = f"stands already in {places[before][0]}:{places[before][1]}"
            yield Problem(*places[index], "fact_id", row["fact_id"], where)
            continue
        stated = tuple(row[column].casefold() for column in _CELL)
        cell = (*stated, parse.parsed.get(row["constraints"]))
        before = first_cell.setdefault(cell, index)
        if before != index:
            where = (
                f"is said of a figure that {places[before][0]}:{places[before][1]} "
                f"gives as {rows[before]['value']}; keep one of the two"
            )
            yield Problem(*places[index], "value", row["value"], where)
