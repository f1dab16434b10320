"""Every released amount that has an origin is counted by origin."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

MODELS = Path(__file__).resolve().parents[2] / "models"
COUNTED = re.compile(r"{% set amounts = (?P<listed>{.*?}) %}", re.DOTALL)


def described() -> Iterator[tuple[str, dict[str, str]]]:
    """The tables of records, each with its columns and their types."""
    for path in sorted((MODELS / "marts").glob("*.yml")):
        for table in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            columns = {each["name"]: each.get("data_type") for each in table.get("columns", [])}
            if any(name.endswith("_origin") for name in columns):
                yield table["name"], columns


@pytest.mark.parametrize(
    ("table", "columns"), [pytest.param(*each, id=each[0]) for each in described()]
)
def test_every_amount_with_an_origin_is_counted(table: str, columns: dict[str, str]) -> None:
    text = (MODELS / "validation" / "val_origin.sql").read_text(encoding="utf-8")
    found = COUNTED.search(text)
    assert found is not None
    marked = {name.removesuffix("_origin") for name in columns if name.endswith("_origin")}
    amounts = sorted(name for name in marked if columns[name] == "double")
    assert ast.literal_eval(found["listed"])[table] == amounts
