"""The door for published facts: reads ``seeds/facts/<publisher>/*.csv`` and says what is wrong.

A byte-order mark, Windows line ends and spaces around a cell carry no meaning and are
dropped in silence; everything else that is not a fact is refused, with its file and line.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from steelyard.sources.facts_check import Problem, check_facts
from steelyard.sources.facts_schema import FACT_COLUMNS, read_vocabulary


class FactsError(ValueError):
    """Facts that cannot be used; the message shows the first offenders and counts the rest.

    Parameters
    ----------
    problems
        Everything found, in file order.
    """

    def __init__(self, problems: Sequence[Problem], shown: int = 10) -> None:
        self.problems = tuple(problems)
        files = len({problem.seed_file for problem in problems})
        lines = [f"facts: {len(problems)} problem(s) in {files} file(s); nothing was loaded"]
        lines += [f"  {problem}" for problem in problems[:shown]]
        if len(problems) > shown:
            lines.append(f"  ... and {len(problems) - shown} more")
        super().__init__("\n".join(lines))


def load_facts(root: Path) -> pa.Table:
    """Read and check every fact of a checkout.

    Parameters
    ----------
    root
        The checkout: facts lie in ``seeds/facts``, their vocabulary in ``seeds/codes``.

    Returns
    -------
    pyarrow.Table
        As `read_facts` returns it.

    Raises
    ------
    FactsError
        If any fact is malformed or uses an unknown name.
    """
    facts = read_facts(root / "seeds" / "facts")
    problems = check_facts(facts, read_vocabulary(root / "seeds" / "codes"))
    if problems:
        raise FactsError(problems)
    return facts


def read_facts(folder: Path) -> pa.Table:
    """Read the facts in a folder, without judging their content.

    Parameters
    ----------
    folder
        ``seeds/facts`` of a checkout: one folder a publisher, one CSV (UTF-8) a published table.

    Returns
    -------
    pyarrow.Table
        One row a fact, sorted by file and line: the columns of the schema as text, null
        where empty; ``seed_file`` as ``seeds/facts/...``; ``seed_line`` counted from 1.

    Raises
    ------
    FactsError
        If there is no file, or a file is empty, not UTF-8, or not rectangular.
    """
    columns: dict[str, list[str | None]] = {name: [] for name in FACT_COLUMNS}
    origins: list[tuple[str, int]] = []
    problems: list[Problem] = []
    paths = sorted(folder.rglob("*.csv"))
    if not paths:
        problems.append(Problem(str(folder), 0, "", "", "holds no CSV file; put facts there"))
    for path in paths:
        name = path.relative_to(folder.parents[1]).as_posix()
        header, records, found = _read_records(name, path.read_bytes())
        problems += found
        for index, column in enumerate(header):
            columns[column] += [cells[index] or None for _, cells in records]
        origins += [(name, line) for line, _ in records]
    if problems:
        raise FactsError(problems)
    table = {column: pa.array(columns[column], pa.string()) for column in FACT_COLUMNS}
    table["seed_file"] = pa.array([file for file, _ in origins], pa.string())
    table["seed_line"] = pa.array([line for _, line in origins], pa.int32())
    return pa.table(table)


Records = list[tuple[int, list[str]]]


def _read_records(name: str, content: bytes) -> tuple[list[str], Records, list[Problem]]:
    """Return header, records with their line, and problems; no records where there are any."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        broken = content.split(b"\n")[line - 1].decode("latin-1")[:60]
        return [], [], [Problem(name, line, "", broken, "is not UTF-8; save as `CSV UTF-8`")]
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] = []
    records: Records = []
    problems: list[Problem] = []
    end = 0
    for raw in reader:
        line, end = end + 1, reader.line_num
        cells = [cell.strip() for cell in raw]
        if not any(cells):
            continue
        if not header:
            header = cells
            if problems := _header_problems(name, header):
                return [], [], problems
        elif len(cells) != len(header):
            message = f"has {len(cells)} cells where the header has {len(header)}"
            problems.append(Problem(name, line, "", ",".join(cells)[:60], message))
        else:
            records.append((line, cells))
    if not records and not problems:
        problems.append(Problem(name, max(end, 1), "", "", "is empty; add a fact or delete it"))
    return ([], [], problems) if problems else (header, records, [])


def _header_problems(name: str, header: list[str]) -> list[Problem]:
    missing = [column for column in FACT_COLUMNS if column not in header]
    extra = [column for column in header if column not in FACT_COLUMNS]
    twice = sorted({column for column in header if header.count(column) > 1})
    problems = [
        Problem(name, 1, column, column, "is a column that facts do not have", FACT_COLUMNS)
        for column in extra
    ]
    problems += [Problem(name, 1, column, "", "column is missing") for column in missing]
    problems += [Problem(name, 1, column, column, "column comes twice") for column in twice]
    return problems
