"""Which figures a page states, and by what each is proven.

A figure is followed by an HTML comment, which no reader sees. It holds a query,
``59,509<!-- select count(*) from facts -->``, or names a file and the words in it that hold the
figure, ``17<!-- in benchmarks/results/x.md: | 17 CPU seconds -->``. Anywhere in a paragraph or
table, ``<!-- all in benchmarks/results/x.md -->`` says that each figure of it stands in that file,
and ``<!-- all by tests/unit/test_x.py -->`` that a test makes it anew and compares.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
QUERY = re.compile(r"(?:select|with|from)\s")
#: What a query asks that only the database of a demo build has.
BUILD = re.compile(r"\bbuild\.\w+")

#: What no reader takes for a statement: what is run, code, addresses, and the literature.
_SILENT = re.compile(
    r"^## Sources$.*?(?=^## |\Z)|^```.*?^```$|`[^`\n]+`|\]\([^)\s]*\)|https?://\S+|^#+ [^\n]*$",
    re.MULTILINE | re.DOTALL,
)
#: Names that hold a number: tables, publications, forms, sections, versions, standards, dates.
_NAMES = re.compile(
    r"(?i:tables?|publications?|forms?|sections?|chapters?|figures?|versions?|release|no\.|part"
    r"|python|duckdb|parameter|pdf|data package|croissant|ro-crate|datacite|prefect|below|irc"
    r"|answers|exits?|codes?|bls|step|handbook)"
    r"\s[\d.]+(?:(?:,| and| or| to|–)\s[\d.]+)*[\w.]*"
    r"|\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December)\b|\b\d{4}-\d{2}(?:-\d{2})?\b|§+ ?[\d.]+"
    r"|\b404\.\d+(?:-\d+)?|\b4\d\d(?:\(\w+\))+|(?:U\.S\.C\.|C?FR|P\.L\.|RS|title) [\d.\-]+"
    r"|\b[Tt]op \d+(?:\.\d+)? per ?cent"
)
_COMMENT = re.compile(r"<!--(?P<mark>.*?)-->", re.DOTALL)
_MARK = re.compile(r"(?:select|with|from|in|all in|all by)\s")
_NUMBER = re.compile(r"(?<![\w./\-–^])(?P<number>\d[\d,]*(?:\.\d+)?)(?![\w/]|\.\d)")
_UNIT = re.compile(
    r"\s?%|[\s-](?:per ?cent|percentage|points?|seconds?|minutes?|hours?|ms\b|s\b|[KMGT]i?B\b"
    r"|thousand|million|billion|trillion|bn\b|times|CPU|processor)"
)


@dataclass(frozen=True)
class Figure:
    """A number that a page states.

    Attributes
    ----------
    text
        As it is printed, with its minus.
    line
        Of the page, from 1.
    mark
        What the HTML comment says that follows it; None where there is none.
    block
        What a comment says that stands for all figures of its paragraph or table.
    """

    text: str
    line: int
    mark: str | None
    block: str | None

    @property
    def value(self) -> float:
        """What it says."""
        return float(self.text.replace(",", "").replace("−", "-"))


def figures(page: str) -> Iterator[Figure]:
    """Yield the figures of a page in Markdown: numbers that a reader may quote or compare.

    Years, counts below a hundred without a unit, and what stands in code, in an address, in a
    heading, in the list of literature or in the name of a table are none.
    """
    marks: dict[int, str] = {}

    def keep(found: re.Match[str]) -> str:
        mark = found["mark"].strip()
        if not _MARK.match(mark):
            return _blank(found)
        marks[found.start()] = mark
        return "\0" + _blank(found)[1:]

    # Comments first: what they say is code, and a number in it is no statement.
    text = _COMMENT.sub(keep, page)
    text = _NAMES.sub(_blank, _SILENT.sub(_blank, text))
    for block in re.finditer(r"(?:^(?!\s*$).*\n?)+", text, re.MULTILINE):
        inside = {at: mark for at, mark in marks.items() if block.start() <= at < block.end()}
        whole = next((mark for mark in inside.values() if mark.startswith("all ")), None)
        for found in _NUMBER.finditer(text, block.start(), block.end()):
            number = found["number"].rstrip(",")
            end = found.start() + len(number)
            mark = re.compile(r"[^\d\0]{0,20}\0").match(text, end)
            told = inside[mark.end() - 1] if mark else None
            told = None if told == whole else told
            if told is not None or _states(number, text[end : end + 22]):
                minus = "−" if text[found.start() - 1] == "−" else ""
                line = page.count("\n", 0, found.start()) + 1
                yield Figure(minus + number, line, told, whole)


def _blank(found: re.Match[str]) -> str:
    """Put blanks in the place of a text, line by line."""
    return re.sub(r"[^\n]", " ", found[0])


def _states(number: str, after: str) -> bool:
    """Say whether a number states something: it has a unit, a decimal, or is large and no year."""
    if _UNIT.match(after) or "." in number or "," in number:
        return True
    return int(number) >= 100 and not 1800 <= int(number) <= 2200


def stated() -> Iterator[tuple[str, Figure]]:
    """Yield every figure of README, other pages of the root, and docs, with its page."""
    for page in PAGES:
        for figure in figures(page.read_text(encoding="utf-8")):
            yield str(page.relative_to(ROOT)), figure


def queried(*, of_build: bool) -> list[tuple[str, float, str]]:
    """Return figures that a query proves: where each stands, what it is, and the query."""
    return [
        (f"{page}:{figure.line}: {figure.text}", figure.value, figure.mark)
        for page, figure in stated()
        if figure.mark is not None
        and QUERY.match(figure.mark)
        and (BUILD.search(figure.mark) is not None) == of_build
    ]
