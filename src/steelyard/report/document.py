"""A report as a structure, from which its HTML and its PDF are written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

#: The manifest, and one table a query of the section.
Tell = Callable[[Mapping[str, Any], Mapping[str, pd.DataFrame]], Sequence["Block"]]


@dataclass(frozen=True)
class Words:
    """A paragraph; ``is_warning`` sets it apart."""

    text: str
    is_warning: bool = False


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of text, column names above; those in ``words`` are set left, all others right.

    ``widths`` are the columns' shares of the page; none is the same for all.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str
    words: tuple[str, ...] = ()
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A chart of Altair, its title the finding, and the table that it is made from."""

    chart: Any
    source: str


Block = Words | Points | Table | Figure


@dataclass(frozen=True)
class Section:
    """A question that the report answers.

    Parameters
    ----------
    title, anchor
        Heading, and its name in links.
    tables
        Tables of the release that it reads; where one is absent, the report says so instead.
    queries
        Name to ``select`` over the release's tables.
    tell
        Manifest and answers by name to blocks.
    """

    title: str
    anchor: str
    tables: tuple[str, ...]
    queries: Mapping[str, str]
    tell: Tell


@dataclass(frozen=True)
class Chapter:
    """A section, answered."""

    title: str
    anchor: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report: title, a line below it, a short one for the foot of every page, and chapters."""

    title: str
    subtitle: str
    running: str
    chapters: tuple[Chapter, ...]


def records(rows: pd.DataFrame) -> list[Any]:
    """Rows as tuples whose fields have the columns' names; what they hold, the query says."""
    return list(rows.itertuples())


def answer(
    section: Section,
    manifest: Mapping[str, Any],
    released: set[str],
    ask: Callable[[str], pd.DataFrame],
) -> Chapter:
    """Answer a section from a release.

    Parameters
    ----------
    section
        The question.
    manifest
        Of the release.
    released
        Names of its tables.
    ask
        Query to table.
    """
    absent = [table for table in section.tables if table not in released]
    if absent:
        names = ", ".join(absent)
        blocks: Sequence[Block] = (
            Words(f"This release has no table {names}, so nothing is said here.", is_warning=True),
        )
    else:
        blocks = section.tell(
            manifest, {name: ask(query) for name, query in section.queries.items()}
        )
    return Chapter(section.title, section.anchor, tuple(blocks))
