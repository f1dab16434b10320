"""A registry of one dropped file, and a folder to drop it in."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from steelyard.sources.doors import DemoWorld, Doors
from steelyard.sources.landing import Landing
from steelyard.sources.registry import Entry

FIELDS = {
    "title": "Survey of something",
    "producer": "A bureau",
    "url": "https://example.org/survey.csv",
    "landing_page": "https://example.org/",
    "licence": "public domain",
    "access_class": "PUBLIC",
    "vintage": "2022",
    "is_synthetic": False,
    "dataset_id": "survey_2022",
    "door": "drop",
    "file": "*.csv*",
    "sha256": None,
    "how_to_get": "Download it and put it into drop/survey/.",
}


def entry(**changes: Any) -> Entry:
    """A correct entry, but for the changes."""
    return Entry(**({"name": "survey"} | FIELDS | changes))


def landing(root: Path, *entries: Entry) -> Landing:
    """The landing of a checkout that knows these entries."""
    registry = {known.name: known for known in entries or (entry(),)}
    cache = root / "build" / "cache"
    return Landing(registry, Doors(root, cache, DemoWorld(60, 1)), cache / "landed")


def drop(root: Path, content: bytes, name: str = "survey.csv") -> Path:
    """Put a file where a person would put it."""
    path = root / "drop" / "survey" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def rows(path: str | Path) -> list[tuple[Any, ...]]:
    """All rows of a Parquet file."""
    with duckdb.connect() as connection:
        return connection.execute("from read_parquet($1)", [str(path)]).fetchall()


def refusal(error: type[Exception], call: Any, *arguments: Any) -> str:
    """The message with which a call is refused."""
    with pytest.raises(error) as caught:
        call(*arguments)
    return str(caught.value)
