"""What dashboards and the validation report print of a build is read, not written down.

A figure in their sources may name only what the code beside it computes by: a threshold
(``error <= 0.1`` is "within 10%") or a part of a column's name (``top_100_share``).
"""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_figures import ROOT, figures

from steelyard.release.stages import GROWTH
from steelyard.validate import Uncertainty

SOURCES = [
    *sorted((ROOT / "dashboards").rglob("*.py")),
    *sorted((ROOT / "src" / "steelyard" / "report").glob("*.py")),
]
#: SQL, CSS, scripts, settings and colours, which nobody reads on a page.
CODE = re.compile(r"[{}]|\w=[\w\"]|\bselect\s.*\bfrom\s|^#[\dA-Fa-f]{6}$", re.DOTALL)
#: Thresholds that other rooms set: of a stage's growth, and of an interval.
LEVEL = inspect.signature(Uncertainty.interval).parameters["level"].default
SET_ELSEWHERE = {100 * GROWTH, 100 * LEVEL}


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module with their lines, in one piece, without docstrings."""
    silent = {
        id(first.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and isinstance(first := node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in silent:
            silent |= {id(part) for part in node.values}
            parts = (each.value if isinstance(each, ast.Constant) else "…" for each in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            silent |= {id(part) for part in ast.walk(node.format_spec)}
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
        ):
            yield node.lineno, node.value


def computed_by(source: str) -> set[float]:
    """Return the numbers that a module computes by, as they are and in percent."""
    names = re.findall(r"_(\d+)\b|_(\d+)_", source)
    numbers = {float(one or other) for one, other in names}
    literal = {float(each) for each in re.findall(r"[<>]=? (\d+(?:\.\d+)?)\b", source)}
    return numbers | literal | {round(100 * each, 9) for each in literal}


def written_down(source: str) -> list[str]:
    """Return the figures of a module's prose that nothing in it computes by."""
    known = computed_by(source) | SET_ELSEWHERE
    return [
        f"{line}: {figure.text} in {text.strip()!r}"
        for line, text in texts(ast.parse(source))
        if not CODE.search(text)
        for figure in figures(text)
        if figure.value not in known
    ]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_figures_are_read_from_the_release(file: Path) -> None:
    assert written_down(file.read_text(encoding="utf-8")) == [], "ask the release for it"


def test_a_figure_in_a_caption_is_found() -> None:
    source = '''
"""Of 12.5 % nothing is said."""
FEW = 100
QUERY = "select 17.5 from target"
near = rows["error"] <= 0.05
st.caption(f"{share:.1%} within 5%, the top 100 by top_100_share; poverty is 12.5%, of {count}")
st.header(f"{f'Fewer than 1,000 records of {sum:12.3f}'}")
st.html("<div style='margin=3.5rem'>")
'''
    found = written_down(source)
    assert [each.split(" in ")[0] for each in found] == ["6: 12.5", "7: 1,000"]
