"""The dictionary of the harmonised tables as pages: a page a table, a section a variable."""

from collections.abc import Iterable, Mapping, Sequence

from steelyard.release.variables import THEMES, Code, Source, Survey, Table, Variable

COMMAND = "steelyard dictionary --write docs/reference/variables"
MANY = 16  # more vintages than a table of ticks can show
TICK, NONE = "✓", "·"
READING = (
    "A *vintage* is the publisher's year: for the CPS ASEC the year of the interview, with incomes "
    "of the year before. A variable that a survey does not have in a vintage is null there; zero "
    "is an answer. *Universe* says of whom a variable is asked or known; outside it values are "
    "null or, where nobody can have the amount, zero. An amount's `<amount>_origin` says, record "
    "by record, whether it was reported or allocated by the publisher."
)


def render_pages(tables: Sequence[Table], surveys: Mapping[str, Survey]) -> dict[str, str]:
    """Write the pages: file name to text, `index.md` first."""
    pages = {"index.md": _index(tables, surveys)}
    return pages | {f"{table.name}.md": _page(table, surveys) for table in tables}


def render_variable(variable: Variable, table: Table, surveys: Mapping[str, Survey]) -> str:
    """Write the section of one variable, its heading first."""
    of_table = [surveys[name] for name in table.surveys]
    facts = [
        f"**Unit** {variable.unit}" if variable.unit else "",
        f"**Universe** {variable.universe}",
        f"**Type** {variable.data_type}",
    ]
    origin = f"{variable.name}_origin"
    if any(each.name == origin for each in table.variables):
        facts.append(f"**Origin** [`{origin}`](#{origin})")
    parts = [
        f"### {variable.name}",
        f"{variable.description.rstrip('.')}.",
        " · ".join(fact for fact in facts if fact),
    ]
    if variable.values and not variable.codes:
        parts.append("**Codes** " + ", ".join(f"`{value}`" for value in variable.values))
    if not variable.sources:
        parts.append("No survey has it yet.")
        return "\n\n".join(parts)
    ticks = _ticks(variable, of_table)
    parts += [ticks] if ticks else []
    parts.append(_sources(variable, surveys))
    parts += [_codes(variable)] if variable.codes else []
    if variable.breaks:
        said = sorted(variable.breaks, key=lambda each: (each.survey, each.vintage))
        parts.append(
            "\n".join(
                ["**Breaks**", ""]
                + [
                    f"- `{each.survey}` from {each.vintage}: {each.reason} ({each.source})"
                    for each in said
                ]
            )
        )
    return "\n\n".join(parts)


def _index(tables: Sequence[Table], surveys: Mapping[str, Survey]) -> str:
    named: dict[str, list[Variable]] = {}
    for table in tables:
        for variable in table.variables:
            named.setdefault(variable.name, []).append(variable)
    of_tables = [
        (
            f"[`{table.name}`]({table.name}.md)",
            table.grain,
            str(len(table.variables)),
            ", ".join(f"`{name}`" for name in table.surveys),
        )
        for table in tables
    ]
    of_surveys = [
        (
            f"[`{survey.name}`]({survey.landing_page})",
            survey.producer,
            spans(survey.vintages, survey.vintages),
            survey.access_class,
            ", ".join(
                f"[`{each.name}`]({each.name}.md)" for each in tables if survey.name in each.surveys
            ),
        )
        for survey in surveys.values()
    ]
    of_variables = [
        (
            f"`{name}`",
            _clause(variables[0].description),
            ", ".join(f"[{each.table}]({each.table}.md#{name})" for each in variables),
        )
        for name, variables in sorted(named.items())
    ]
    parts = [
        "# Variables of the harmonised tables",
        f"Every survey and vintage in one schema. These pages are written by `{COMMAND}` from the "
        "YAML of `models/harmonized/` and the crosswalks in `seeds/xwalks/`: change those.",
        READING,
        "## Tables",
        _grid(("table", "one row", "variables", "surveys"), of_tables),
        "## Surveys",
        _grid(("survey", "publisher", "vintages", "access", "fills"), of_surveys),
        "## Variables from A to Z",
        _grid(("variable", "meaning", "in"), of_variables),
    ]
    return "\n\n".join(parts) + "\n"


def _page(table: Table, surveys: Mapping[str, Survey]) -> str:
    themes = {
        theme: [each for each in table.variables if each.theme == theme] for theme in table.themes
    }
    contents = [
        f"- [{THEMES[theme]}](#{_anchor(THEMES[theme])}): "
        + ", ".join(f"[{each.name}](#{each.name})" for each in variables)
        for theme, variables in themes.items()
    ]
    glance = [
        (
            f"[`{variable.name}`](#{variable.name})",
            variable.unit,
            *(
                spans(sorted(variable.vintages(name)), surveys[name].vintages) or NONE
                for name in table.surveys
            ),
        )
        for variables in themes.values()
        for variable in variables
    ]
    parts = [
        f"# {table.name}",
        f"{table.description}",
        f"Universe of the table: {table.universe}. What the signs mean stands in the "
        f"[index](index.md). Written by `{COMMAND}`.",
        "## Contents",
        "\n".join(contents),
        "## At a glance",
        "Vintages in which each survey has the variable.",
        _grid(("variable", "unit", *table.surveys), glance),
    ]
    for theme, variables in themes.items():
        parts.append(f"## {THEMES[theme]}")
        parts += [render_variable(variable, table, surveys) for variable in variables]
    return "\n\n".join(parts) + "\n"


def _ticks(variable: Variable, surveys: Sequence[Survey]) -> str:
    """Lay out surveys by vintages; empty where there are too many vintages to show."""
    years = sorted({year for survey in surveys for year in survey.vintages})
    if len(years) > MANY:
        return ""
    rows = []
    for survey in surveys:
        there = variable.vintages(survey.name)
        marks = [
            (TICK if year in there else NONE) if year in survey.vintages else "" for year in years
        ]
        rows.append((f"`{survey.name}`", *marks))
    return _grid(("survey", *(str(year) for year in years)), rows)


def _sources(variable: Variable, surveys: Mapping[str, Survey]) -> str:
    rows = [
        (
            f"`{source.survey}`",
            spans(source.vintages, surveys[source.survey].vintages),
            _publisher(source, surveys[source.survey].vintages),
            source.conversion,
            source.comparability,
        )
        for source in sorted(variable.sources, key=lambda each: (each.survey, each.vintages))
    ]
    return _grid(("survey", "vintages", "from", "how", "comparability"), rows)


def _codes(variable: Variable) -> str:
    """Lay out the publishers' codes beside the value they become."""
    surveys = sorted({code.survey for code in variable.codes})
    found = dict.fromkeys(code.value for code in variable.codes)
    values = variable.values or tuple(value for value in found if value)
    groups = {f"`{value}`": {value} for value in values}
    groups |= {"`null`": {""}, "left out": set(found) - {"", *values}}
    rows = [
        (
            named,
            *(
                "; ".join(
                    _code(code)
                    for code in variable.codes
                    if code.survey == survey and code.value in group
                )
                for survey in surveys
            ),
        )
        for named, group in groups.items()
    ]
    rows = [row for row in rows if row[0] not in ("`null`", "left out") or any(row[1:])]
    heads = ("code", *(f"`{survey}`" for survey in surveys))
    return "**Codes**, and the publishers' they are made of\n\n" + _grid(heads, rows)


def _code(code: Code) -> str:
    said = f"`{code.code}` {code.label}".strip()
    ends = (code.first_vintage, code.last_vintage)
    if ends == (None, None):
        return said
    if ends[0] == ends[1]:
        return f"{said} ({ends[0]})"
    if None in ends:
        return f"{said} (from {ends[0]})" if ends[0] is not None else f"{said} (to {ends[1]})"
    return f"{said} ({ends[0]}–{ends[1]})"


def _publisher(source: Source, all_vintages: Sequence[int]) -> str:
    """Name the publisher's columns: once if they stay the same, else with their vintages."""
    by_names: dict[tuple[str, ...], list[int]] = {}
    for year, names in source.names.items():
        if names:
            by_names.setdefault(names, []).append(year)
    said = {
        " ".join(f"`{name}`" for name in names): spans(years, all_vintages)
        for names, years in by_names.items()
    }
    if len(said) < 2:
        return "".join(said)
    return "; ".join(f"{years}: {names}" for names, years in said.items())


def spans(years: Iterable[int], all_years: Sequence[int]) -> str:
    """Write vintages as spans, `2019–2021, 2023`: gaps are those of the survey's own vintages.

    Parameters
    ----------
    years
        In order.
    all_years
        Every vintage of the survey, in order.
    """
    place = {year: at for at, year in enumerate(all_years)}
    runs: list[list[int]] = []
    for year in years:
        if runs and place[year] == place[runs[-1][-1]] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _grid(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _clause(description: str) -> str:
    """Return the first clause, which stands alone."""
    for sign in (". ", "; "):
        description = description.split(sign, maxsplit=1)[0]
    return description.rstrip(".")


def _anchor(title: str) -> str:
    return "".join(each for each in title.lower() if each.isalnum() or each in " -_").replace(
        " ", "-"
    )
