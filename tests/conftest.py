"""What every test shares: the order in which files of tests are handed out."""

import os
from importlib import import_module

import pytest

#: Files that build a world of their own come first, side by side; what asks it finds it there.
FIRST = (
    *("integration/test_demo_build.py", "integration/test_docs.py", "integration/test_mirror.py"),
    *("integration/test_closed_sources.py", "integration/test_real_", "integration/"),
    # Compiles the tax engine.
    "unit/test_rules_taxcalc.py",
)
#: What the second process imports before all else: all start together, and none then compiles what
#: another is compiling.
ELSEWHERE = ("dbt.cli.main", "dbt.adapters.duckdb", "streamlit.testing.v1", "moto", "altair")


def pytest_configure() -> None:
    """Begin the imports of the second process elsewhere."""
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        for name in ELSEWHERE:
            import_module(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first, so that no process is left alone with one at the end."""

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((at for at, name in enumerate(FIRST) if f"tests/{name}" in path), len(FIRST))

    items.sort(key=place)
