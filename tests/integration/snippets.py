"""The code blocks of README and docs, and a way to run them.

A block is executed by its language, in the checkout: ``sql`` in DuckDB, ``sql build`` in the
database of the demo build; ``python`` after the Python blocks above it on the page; of ``console``,
``sh`` and ``bash`` the commands are looked at, not run, except for the ``steelyard`` ones that only
read. A ``text`` block right below is the output of the block above, and is compared with what the
block says now: to the letter where it is marked ``text deterministic``, else word by word, with
figures within one percent, and names of releases as they come. ``text varies`` shows one real run.

``python tests/integration/snippets.py`` runs them on the present release and writes what they say
into the pages.
"""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md", "benchmarks/**/*.md")
BLOCK = re.compile(
    r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$"
    r"(?P<below>\n\n```text(?P<mark>[^\n]*)\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
RUNNABLE = ("sql", "python")
COMMANDS = ("console", "sh", "bash")
READ_ONLY = {"show", "verify", "sources", "dictionary"}
READ_ONLY_PAIRS = (["targets", "check"], ["fetch", "--list"])
DATABASE = ROOT / "build" / "demo" / "steelyard.duckdb"
BOX = "│┌┐└┘├┤┬┴┼─"
NAME = re.compile(r"\S*?\b(?:\d{4}-)?(?=[0-9a-f]*[a-f])[0-9a-f]{10,64}\b\S*")
NUMBER = re.compile(
    r"(?P<before>[($+~]*)(?P<number>-?[\d,]*\.?\d+(?:e[+-]?\d+)?)(?P<after>[%),.;:]*)"
)
QUIETLY = """
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()):
    exec({before!r})
exec({code!r})
"""


@dataclass(frozen=True)
class Snippet:
    """One fenced block of a page, and the output shown below it, if any."""

    page: Path
    line: int
    language: str
    code: str
    output: str | None
    mark: str
    before: str = ""
    asks_the_build: bool = False

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Every page of the documentation, in order of path."""
    return sorted({page for pattern in PAGES for page in ROOT.glob(pattern)})


def snippets(*languages: str) -> list[Snippet]:
    """The blocks in these languages, page by page."""
    found = [snippet for page in pages() for snippet in _snippets_of(page)]
    return [snippet for snippet in found if snippet.language in languages]


def _snippets_of(page: Path) -> list[Snippet]:
    text = page.read_text(encoding="utf-8")
    found, before = [], ""
    for match in BLOCK.finditer(text):
        language = (match["info"].split() or [""])[0]
        found.append(
            Snippet(
                page=page,
                line=text.count("\n", 0, match.start()) + 1,
                language=language,
                code=match["text"],
                output=match["output"],
                mark=(match["mark"] or "").strip(),
                before=before,
                asks_the_build=match["info"].split()[1:] == ["build"],
            )
        )
        before += match["text"] if language == "python" else ""
    return found


def commands(snippet: Snippet) -> list[str]:
    """The lines that a reader types: after ``$`` in ``console``, all of them in ``sh``."""
    lines = [line.strip() for line in snippet.code.splitlines()]
    if snippet.language == "console":
        return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line for line in lines if line and not line.startswith("#")]


def is_safe(snippet: Snippet) -> bool:
    """Whether a block may be run: SQL, Python, and commands that only look at a demo release."""
    if snippet.language not in COMMANDS:
        return snippet.language in RUNNABLE
    words = [shlex.split(line, comments=True) for line in commands(snippet)]
    return all(
        Path(each[0]).name == "steelyard"
        and (each[1] in READ_ONLY or each[1:3] in READ_ONLY_PAIRS)
        and ("--target" not in each or "demo" in each)
        and "--write" not in each
        for each in words
    )


def run(snippet: Snippet) -> str:
    """Run a block in the checkout and return what it prints."""
    if snippet.language == "sql":
        database = {"database": DATABASE, "read_only": True} if snippet.asks_the_build else {}
        with duckdb.connect(**database) as connection:
            connection.execute(f"set file_search_path = '{ROOT}'")
            return str(connection.sql(snippet.code)).rstrip() + "\n"
    if snippet.language == "python":
        code = QUIETLY.format(before=snippet.before, code=snippet.code)
        return _said(snippet, [sys.executable, "-c", code])
    return "".join(
        _said(snippet, [tool_path("steelyard"), *shlex.split(line, comments=True)[1:]])
        for line in commands(snippet)
    )


def tool_path(name: str) -> str:
    """Return the path of a command of this environment."""
    return str(Path(sys.executable).with_name(name))


def _said(snippet: Snippet, command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{snippet}: {done.stderr}")
    return done.stdout.strip("\n") + "\n"


def first_difference(shown: str, said: str) -> str | None:
    """Say where two outputs part, or None where they tell the same."""
    words, others = (re.split(rf"[\s{BOX}]+", text.strip()) for text in (shown, said))
    for word, other in zip(words, others, strict=False):
        if not _is_same(word, other):
            return f"shows {word!r}, says {other!r}"
    if len(words) != len(others):
        return f"shows {len(words)} words, says {len(others)}"
    return None


def _is_same(word: str, other: str) -> bool:
    if word == other or all(NAME.fullmatch(text) for text in (word, other)):
        return True
    one, two = (NUMBER.fullmatch(text) for text in (word, other))
    if not one or not two or one["before"] != two["before"] or one["after"] != two["after"]:
        return False
    value, now = (float(found["number"].replace(",", "")) for found in (one, two))
    last_place = 10.0 ** -len(one["number"].partition(".")[2])
    return abs(value - now) <= max(0.01 * abs(value), 1.01 * last_place)


def refresh(page: Path) -> None:
    """Write what each block says now into the output below it."""
    text = page.read_text(encoding="utf-8")
    for snippet in _snippets_of(page):
        if snippet.output is not None and is_safe(snippet):
            shown = f"{snippet.code}```\n\n```text"
            before, _, after = text.partition(shown)
            mark, _, rest = after.partition("\n")
            text = f"{before}{shown}{mark}\n{run(snippet)}{rest[len(snippet.output) :]}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for documented in pages():
        refresh(documented)
