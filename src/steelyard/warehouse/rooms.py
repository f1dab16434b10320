"""Which code decides a result: the rooms of the package that a function can reach.

Followed are the import statements in the files of a room, wherever they stand, from room to room.
Whatever a room holds counts as a whole: its modules, and the tables they read. A room that nobody
imports cannot change the result, so editing it leaves results in place.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = "steelyard"
ROOT = Path(__file__).resolve().parents[1]
KINDS = frozenset({".py", ".csv"})


def rooms_reached(modules: Iterable[str], *, root: Path = ROOT) -> tuple[str, ...]:
    """Return the rooms that modules of the package belong to or import, directly or not, sorted.

    Parameters
    ----------
    modules
        Dotted names, such as ``steelyard.calibrate.solution``; names outside the package have no
        room.
    root
        Folder of the package.
    """
    reached: set[str] = set()
    waiting = [_room(name, root) for name in modules]
    while waiting:
        room = waiting.pop()
        if room and room not in reached:
            reached.add(room)
            waiting += [_room(name, root) for name in _imports(root / room)]
    return tuple(sorted(reached))


def code_hash(objects: Iterable[object], *, root: Path = ROOT) -> str:
    """Hash the code behind functions and values: their rooms, or their file outside the package.

    Parameters
    ----------
    objects
        Functions, or values whose class decides what they do.
    root
        Folder of the package.
    """
    digest = hashlib.sha256()
    modules = {getattr(thing, "__module__", None) or type(thing).__module__ for thing in objects}
    for room in rooms_reached(modules, root=root):
        digest.update(_content_hash(root / room).encode())
    for name in sorted(modules):
        file = getattr(sys.modules.get(name), "__file__", None)
        if file and not _room(name, root):
            digest.update(Path(file).read_bytes())
    return digest.hexdigest()


def _room(name: str, root: Path) -> str:
    """Name the room, a folder or a single module at the top of the package; empty for none."""
    parts = name.split(".")
    if parts[0] != PACKAGE or len(parts) < 2:
        return ""
    return parts[1] if (root / parts[1]).is_dir() else f"{parts[1]}.py"


def _files(room: Path) -> list[Path]:
    found = sorted(room.rglob("*")) if room.is_dir() else [room]
    return [file for file in found if file.suffix in KINDS and file.is_file()]


@cache
def _content_hash(room: Path) -> str:
    digest = hashlib.sha256()
    for file in _files(room):
        digest.update(file.relative_to(room.parent).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


@cache
def _imports(room: Path) -> tuple[str, ...]:
    """Read what the files of a room import, in functions too; `.name` stays in the room."""
    names: set[str] = set()
    for file in _files(room):
        if file.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return tuple(sorted(names))
