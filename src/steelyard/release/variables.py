"""What each variable of the harmonised tables is, and where it comes from in every survey and year.

Read from the checkout's own files, its YAML and seeds; nothing needs to be built.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from steelyard.sources.crosswalk import CrosswalkError, load_crosswalk
from steelyard.sources.registry import load_registry

VARIABLE_COLUMNS = (
    "table_name",
    "variable",
    "first_vintage",
    "last_vintage",
    "source_columns",
    "conversion",
    "comparability",
)
#: Themes in the order of the pages, and what they are called there.
THEMES = {
    "identity": "Keys, years and weights",
    "kin": "Kin and membership",
    "demography": "Demography",
    "place": "Place",
    "home": "Home",
    "work": "Work",
    "income": "Income",
    "benefits": "Benefits and coverage",
    "expenses": "Expenses",
    "assets": "Assets and debts",
    "poverty": "Poverty",
    "tax": "Taxes",
    "origin": "Origins of amounts",
}


#: Table and column.
Key = tuple[str, str]
#: Columns that the source registry gives to every dataset, whatever a crosswalk says.
OF_THE_REGISTRY = ("dataset_id", "income_year")
#: Columns of a list of codes that say something of the code itself.
OF_A_CODE = {"code", "label", "first_vintage", "last_vintage"}


class DictionaryError(ValueError):
    """A column or a crosswalk lacks what the dictionary has to say of it."""


@dataclass(frozen=True)
class Survey:
    """A survey: who publishes it, where one reads more, and its vintages, the publisher's years."""

    name: str
    producer: str
    landing_page: str
    access_class: str
    vintages: tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """Where a variable comes from in some vintages of a survey.

    ``names`` holds the publisher's columns, vintage by vintage.
    """

    survey: str
    vintages: tuple[int, ...]
    names: Mapping[int, tuple[str, ...]]
    conversion: str
    comparability: str


@dataclass(frozen=True)
class Code:
    """A publisher's code in words, the value it becomes, and its vintages; None is open."""

    survey: str
    code: str
    label: str
    value: str
    first_vintage: int | None
    last_vintage: int | None


@dataclass(frozen=True)
class Break:
    """A vintage from which a survey's variable is not what it was before."""

    survey: str
    vintage: int
    reason: str
    source: str


@dataclass(frozen=True)
class Variable:
    """A column of a harmonised table."""

    table: str
    name: str
    description: str
    data_type: str
    theme: str
    unit: str
    universe: str
    values: tuple[str, ...]
    sources: tuple[Source, ...]
    codes: tuple[Code, ...]
    breaks: tuple[Break, ...]

    def vintages(self, survey: str) -> set[int]:
        """Return the vintages in which a survey has the variable."""
        return {year for each in self.sources if each.survey == survey for year in each.vintages}


@dataclass(frozen=True)
class Table:
    """A harmonised table: its words and its columns, in order."""

    name: str
    grain: str
    description: str
    universe: str
    variables: tuple[Variable, ...]

    @property
    def surveys(self) -> list[str]:
        """The surveys that fill the table, by name."""
        return sorted({each.survey for one in self.variables for each in one.sources})

    @property
    def themes(self) -> list[str]:
        """The themes that the table has variables of, in the order of the pages."""
        there = {variable.theme for variable in self.variables}
        return [theme for theme in THEMES if theme in there]


def load_surveys(root: Path) -> dict[str, Survey]:
    """Return the surveys that have a crosswalk of variables, by name.

    Raises
    ------
    DictionaryError
        If the registry knows no file of such a survey.
    """
    surveys: dict[str, Survey] = {}
    entries = [entry for entry in load_registry().values() if not entry.is_synthetic]
    for path in sorted((root / "seeds" / "xwalks").glob("xwalk_*_variable.csv")):
        name = path.stem.removeprefix("xwalk_").removesuffix("_variable")
        own = [entry for entry in entries if entry.survey == name]
        if not own:
            raise DictionaryError(f"{path.name}: the registry knows no file of survey {name!r}")
        vintages = sorted({entry.survey_year for entry in own if entry.survey_year is not None})
        first = own[0]
        surveys[name] = Survey(
            name, first.producer, first.landing_page, first.access_class, tuple(vintages)
        )
    return surveys


def load_tables(root: Path) -> list[Table]:
    """Read the harmonised tables that hold surveys' records, with all that is known of a variable.

    Parameters
    ----------
    root
        The checkout.

    Raises
    ------
    DictionaryError
        If a column has no theme, a crosswalk names a column that is not there, or one that no
        file has in its vintages: the message names file and column.
    """
    sources, codes, breaks = _sources(root), _codes(root), _breaks(root)
    tables = [
        _table(model, sources, codes, breaks)
        for file in sorted((root / "models" / "harmonized").glob("_*__models.yml"))
        for model in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["models"]
        if _meta(model).get("universe")
    ]
    known = {(table.name, variable.name) for table in tables for variable in table.variables}
    for place, lines in (("crosswalk of variables", sources), ("params_declared_break", breaks)):
        if strays := sorted(set(lines) - known):
            raise DictionaryError(f"{place}: no harmonised column {'.'.join(strays[0])}")
    return sorted(tables, key=lambda table: table.name)


def find_variables(tables: Sequence[Table], name: str) -> list[tuple[Table, Variable]]:
    """Return the variables of a name, `column` or `table.column`, with their tables.

    Raises
    ------
    DictionaryError
        If there is none: the message gives the nearest names.
    """
    of_table, _, column = name.rpartition(".")
    found = [
        (table, variable)
        for table in tables
        for variable in table.variables
        if variable.name == column and of_table in ("", table.name)
    ]
    if not found:
        names = {variable.name for table in tables for variable in table.variables}
        near = (
            ", ".join(get_close_matches(column, sorted(names), n=3, cutoff=0.4)) or "none like it"
        )
        raise DictionaryError(f"no harmonised variable {name!r} (nearest: {near})")
    return found


def _table(
    model: dict[str, Any],
    sources: Mapping[Key, list[Source]],
    codes: Mapping[str, list[Code]],
    breaks: Mapping[Key, list[Break]],
) -> Table:
    name, meta = model["name"], _meta(model)
    variables = []
    for column in model["columns"]:
        said, key = _meta(column), (name, column["name"])
        if said.get("theme") not in THEMES:
            raise DictionaryError(
                f"{name}.{column['name']}: its YAML says no theme under config.meta; one of "
                f"{', '.join(THEMES)}"
            )
        own = {source.survey for source in sources.get(key, [])}
        values = tuple(str(value) for value in said.get("values", []))
        decoded = tuple(code for code in codes.get(key[1], []) if code.survey in own)
        variables.append(
            Variable(
                table=name,
                name=column["name"],
                description=" ".join(column["description"].split()),
                data_type=column["data_type"],
                theme=said["theme"],
                unit=said.get("unit", ""),
                universe=said.get("universe", meta["universe"]),
                values=values,
                sources=tuple(sources.get(key, [])),
                codes=decoded,
                breaks=tuple(breaks.get(key, [])),
            )
        )
    description = "\n\n".join(
        " ".join(part.split()) for part in model["description"].split("\n") if part.strip()
    )
    return Table(name, meta["grain"], description, meta["universe"], tuple(variables))


def _meta(described: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = described.get("config", {}).get("meta", {})
    return meta


def _sources(root: Path) -> dict[Key, list[Source]]:
    """Resolve every line of the crosswalks of variables, table and column to its sources."""
    found: dict[Key, list[Source]] = {}
    surveys = load_surveys(root)
    for survey in surveys.values():
        path = root / "seeds" / "xwalks" / f"xwalk_{survey.name}_variable.csv"
        names = _names(root, survey)
        for line in _lines(path, VARIABLE_COLUMNS):
            key = (f"int_{line['table_name'].removeprefix('int_')}", line["variable"])
            own = _within(line, survey.vintages)
            if not own:
                continue  # of older files than the registry lists
            columns = line["source_columns"].split()
            resolved = {
                year: tuple(dict.fromkeys(filter(None, map(names[year].get, columns))))
                for year in own
            }
            for column in columns:
                if not any(names[year].get(column) for year in own):
                    raise DictionaryError(
                        f"{path.name}: {'.'.join(key)}: no file of {own[0]} to {own[-1]} has a "
                        f"{column}, says xwalk_{survey.name}_column"
                    )
            found.setdefault(key, []).append(
                Source(survey.name, own, resolved, line["conversion"], line["comparability"])
            )
    for table in {table for table, _ in found}:
        filled = {each.survey for (name, _), own in found.items() if name == table for each in own}
        for column in OF_THE_REGISTRY:
            listed = found.setdefault((table, column), [])
            for name in sorted(filled - {each.survey for each in listed}):
                vintages = surveys[name].vintages
                listed.append(Source(name, vintages, {}, "as the source registry says", ""))
    return found


def _names(root: Path, survey: Survey) -> dict[int, dict[str, str]]:
    """Return, vintage by vintage, the publisher's name of each column read of any record."""
    path = root / "seeds" / "xwalks" / f"xwalk_{survey.name}_column.csv"
    names: dict[int, dict[str, str]] = {year: {} for year in survey.vintages}
    for record in dict.fromkeys(line["record"] for line in _lines(path)):
        try:
            crosswalk = load_crosswalk(root, survey.name, record)
            for year, found in names.items():
                read = crosswalk.sources(year)
                found |= {column: name for column, name in read.items() if name}
        except CrosswalkError as error:
            raise DictionaryError(str(error)) from error
    # A line for numbered columns may be named as it is written.
    for line in (line for line in _lines(path) if "{" in line["column_name"]):
        for year in _within(line, survey.vintages):
            names[year][line["column_name"]] = line["source_column"]
    return names


def _within(line: Mapping[str, str], vintages: Sequence[int]) -> tuple[int, ...]:
    """Return the vintages that a crosswalk's line speaks of; both ends are included."""
    first, last = (int(line[end] or 0) for end in ("first_vintage", "last_vintage"))
    return tuple(year for year in vintages if first <= year <= (last or year))


def _codes(root: Path) -> dict[str, list[Code]]:
    """Read the lists of codes, `codes_<survey>_<what>.csv`: variable to the codes it is made of.

    A list's column says the value of the variable of that name; `<survey>` is the beginning of
    the survey's name.
    """
    found: dict[str, list[Code]] = {}
    for survey in load_surveys(root):
        short = survey.split("_")[0]
        for path in sorted((root / "seeds" / "codes").glob(f"codes_{short}_*.csv")):
            for line in (line for line in _lines(path) if "code" in line):
                first, last = (
                    int(line[end]) if line.get(end) else None
                    for end in ("first_vintage", "last_vintage")
                )
                for variable in line.keys() - OF_A_CODE:
                    label = line.get("label", "")
                    found.setdefault(variable, []).append(
                        Code(survey, line["code"], label, line[variable], first, last)
                    )
    return found


def _breaks(root: Path) -> dict[Key, list[Break]]:
    found: dict[Key, list[Break]] = {}
    for line in _lines(root / "seeds" / "params" / "params_declared_break.csv"):
        found.setdefault((line["table_name"], line["variable"]), []).append(
            Break(line["survey"], int(line["vintage"]), line["reason"], line["source"])
        )
    return found


def _lines(path: Path, columns: tuple[str, ...] | None = None) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise DictionaryError(f"{path} is missing")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if columns is not None and tuple(reader.fieldnames or ()) != columns:
            raise DictionaryError(f"{path}: its columns are {', '.join(columns)}")
        yield from reader
