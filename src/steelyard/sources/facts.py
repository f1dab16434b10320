"""The door for published facts: reads ``seeds/facts/<publisher>/*.csv`` and says what is wrong.

Benchmarks, figures that are never fitted, have the same columns, a vocabulary of their own, and
lie apart in ``seeds/facts_benchmarks/<publisher>/*.csv``.
"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from steelyard.sources.facts_check import check_facts
from steelyard.sources.facts_csv import read_records
from steelyard.sources.facts_problem import FactsError, Problem
from steelyard.sources.facts_schema import (
    FACT_COLUMNS,
    Vocabulary,
    read_benchmark_vocabulary,
    read_vocabulary,
)


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
    return _checked(root, "facts", read_vocabulary)


def load_benchmarks(root: Path) -> pa.Table:
    """Read and check every benchmark of a checkout: `load_facts`, for what is never fitted."""
    return _checked(root, "facts_benchmarks", read_benchmark_vocabulary)


def _checked(root: Path, folder: str, vocabulary: Callable[[Path], Vocabulary]) -> pa.Table:
    facts = read_facts(root / "seeds" / folder)
    problems = check_facts(facts, vocabulary(root / "seeds" / "codes"))
    if problems:
        raise FactsError(problems)
    return facts


def read_facts(folder: Path) -> pa.Table:
    """Read the facts in a folder, without judging their content.

    Parameters
    ----------
    folder
        ``seeds/facts`` of a checkout: one folder a publisher, one CSV (UTF-8) a published table.
        Hidden files, a spreadsheet's lock files and ``*.md`` are passed over.

    Returns
    -------
    pyarrow.Table
        One row a fact, sorted by file and line: the columns of the schema as text, null
        where empty; ``seed_file`` as ``seeds/facts/...``; ``seed_line`` counted from 1.

    Raises
    ------
    FactsError
        If there is no file, or one that is not CSV, empty, not UTF-8, or not rectangular.
    """
    columns: dict[str, list[str | None]] = {name: [] for name in FACT_COLUMNS}
    origins: list[tuple[str, int]] = []
    problems: list[Problem] = []
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_meant(path)]
    if not paths:
        problems.append(Problem(str(folder), 0, "", "", "holds no CSV file; put facts there"))
    for path in paths:
        name = path.relative_to(folder.parents[1]).as_posix()
        if path.suffix != ".csv":
            message = "does not end in .csv; save it as `CSV UTF-8`, or move it away"
            problems.append(Problem(name, 0, "", "", message))
            continue
        header, records, found = read_records(name, path.read_bytes(), FACT_COLUMNS)
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


def _is_meant(path: Path) -> bool:
    return not path.name.startswith((".", "~$")) and path.suffix != ".md"
