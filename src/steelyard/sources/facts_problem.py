"""How it is said what is wrong with facts: where, what, and what would be right."""

import difflib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

FEW = 8
EACH = 3
KINDS = 10


@dataclass(frozen=True)
class Problem:
    """One thing wrong, with its place.

    Parameters
    ----------
    seed_file, seed_line
        Where; the line counts from 1, the header included, and is 0 for the whole file.
    column, value
        What; empty where the whole line is meant.
    message
        What is wrong with it.
    allowed
        Names that would be right; the nearest is shown, and all where they are few.
    sought
        The name within the value that is not one of them; empty if it is the value itself.
    """

    seed_file: str
    seed_line: int
    column: str
    value: str
    message: str
    allowed: tuple[str, ...] = ()
    sought: str = ""

    def __str__(self) -> str:
        """Render as ``file:line: column 'value' message; nearest: …; allowed: …``."""
        place = f"{self.seed_file}:{self.seed_line}" if self.seed_line else self.seed_file
        quoted = repr(self.value) if self.value else ""
        words = " ".join(word for word in (self.column, quoted, self.message) if word)
        text = f"{place}: {words}"
        if near := nearest(self.sought or self.value, self.allowed):
            text += f"; nearest: {near}"
        if self.allowed:
            some = ", ".join(self.allowed[:FEW])
            more = f", ... ({len(self.allowed)} in all)" if len(self.allowed) > FEW else ""
            text += f"; allowed: {some}{more}"
        return text


def nearest(sought: str, allowed: Sequence[str]) -> str:
    """Return the allowed name most like the one sought, whatever its case; empty if none is."""
    folded = {name.casefold(): name for name in allowed}
    near = difflib.get_close_matches(sought.casefold(), folded, n=1, cutoff=0.5)
    return folded[near[0]] if near else ""


class FactsError(ValueError):
    """Facts that cannot be used; the message shows three of each kind and counts the rest.

    Parameters
    ----------
    problems
        Everything found, in file order. What is wrong in one column of one file is of one kind.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        kinds: dict[tuple[str, str], list[Problem]] = defaultdict(list)
        for problem in problems:
            kinds[problem.seed_file, problem.column].append(problem)
        files = len({file for file, _ in kinds})
        lines = [
            f"facts: {_counted(len(problems), 'problem')} in {_counted(files, 'file')}; "
            "nothing was loaded"
        ]
        for (file, column), members in list(kinds.items())[:KINDS]:
            lines += [f"  {problem}" for problem in members[:EACH]]
            if len(members) > EACH:
                where = f"column {column} of {file}" if column else file
                lines.append(f"  ... and {len(members) - EACH:,} more in {where}")
        if len(kinds) > KINDS:
            left = sum(len(members) for members in list(kinds.values())[KINDS:])
            lines.append(f"  ... and {left:,} more in {len(kinds) - KINDS} other columns")
        super().__init__("\n".join(lines))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
