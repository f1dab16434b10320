"""A cached result hangs on the code that it can reach, and on no other."""

from pathlib import Path

import pytest

from steelyard.calibrate.solution import solve_tables
from steelyard.impute.copies import draw_copies
from steelyard.rules import TaxCalculator, compute_units
from steelyard.warehouse.rooms import ROOT, _content_hash, _imports, code_hash, rooms_reached


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Three rooms, of which `solve` reaches `frame` by an import inside a function."""
    _content_hash.cache_clear()
    _imports.cache_clear()
    files = {
        "frame/__init__.py": "import math\n",
        "frame/table.csv": "a,b\n1,2\n",
        "solve/__init__.py": "",
        "solve/step.py": "def step():\n    from steelyard.frame import stream\n    return stream\n",
        "draw/__init__.py": "import steelyard.frame.names\nfrom . import other\n",
        "draw/other.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_rooms_are_followed_through_imports_of_every_kind(package: Path) -> None:
    assert rooms_reached(["steelyard.solve.step"], root=package) == ("frame", "solve")
    assert rooms_reached(["steelyard.draw"], root=package) == ("draw", "frame")
    assert rooms_reached(["steelyard.frame", "numpy", "steelyard"], root=package) == ("frame",)


@pytest.mark.parametrize(
    ("edited", "changes"),
    [
        ("solve/step.py", True),
        ("frame/__init__.py", True),
        ("frame/table.csv", True),
        ("draw/other.py", False),
    ],
)
def test_an_edit_changes_the_hash_exactly_where_it_can_be_reached(
    package: Path, edited: str, changes: bool
) -> None:
    class Step:
        __module__ = "steelyard.solve.step"

    before = code_hash([Step()], root=package)
    with (package / edited).open("a") as file:
        file.write("\n" if edited.endswith(".csv") else "# edited\n")
    _content_hash.cache_clear()
    assert (code_hash([Step()], root=package) != before) is changes


def test_code_outside_the_package_counts_by_its_file(package: Path) -> None:
    assert code_hash([package], root=package) != code_hash([], root=package)


@pytest.mark.parametrize(
    ("things", "rooms"),
    [
        ((solve_tables,), {"calibrate", "frame"}),
        ((draw_copies,), {"impute", "frame"}),
        ((compute_units, TaxCalculator()), {"rules"}),
    ],
)
def test_the_costly_stages_hang_on_their_own_rooms(
    things: tuple[object, ...], rooms: set[str]
) -> None:
    modules = [getattr(thing, "__module__", type(thing).__module__) for thing in things]
    reached = set(rooms_reached(modules))
    assert rooms <= reached
    assert not reached & {"cli.py", "release", "report", "sources", "warehouse"}
    assert all((ROOT / room).exists() for room in reached)
