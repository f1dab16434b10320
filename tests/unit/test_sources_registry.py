"""An entry of the registry is complete and right, or the message says what is not."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sources_fixture import FIELDS, refusal

from steelyard.sources.registry import (
    RegistryError,
    entries_of_target,
    load_registry,
    parse_entry,
)

ROOT = Path(__file__).resolve().parents[2]


def text(**changes: Any) -> str:
    return yaml.safe_dump(FIELDS | changes)


def test_a_correct_entry_is_read_with_its_defaults() -> None:
    read = parse_entry("survey", text())
    assert (read.name, read.delimiter, read.encoding) == ("survey", ",", "utf-8")
    assert {field: getattr(read, field) for field in FIELDS} == FIELDS
    assert parse_entry("survey", text(delimiter=";", encoding="latin-1")).delimiter == ";"


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_required(field: str) -> None:
    lacking = yaml.safe_dump({key: value for key, value in FIELDS.items() if key != field})
    message = refusal(RegistryError, parse_entry, "survey", lacking)
    assert "registry entry 'survey'" in message
    assert f"missing fields ['{field}']" in message


def test_a_misspelt_field_is_named() -> None:
    assert "unknown fields ['licens']" in refusal(
        RegistryError, parse_entry, "survey", text(licens="MIT")
    )


@pytest.mark.parametrize(
    ("field", "wrong", "allowed"),
    [("access_class", "public", "RESTRICTED"), ("door", "http", "package")],
)
def test_a_value_outside_its_list_is_named_with_the_list(
    field: str, wrong: str, allowed: str
) -> None:
    message = refusal(RegistryError, parse_entry, "survey", text(**{field: wrong}))
    assert f"{field} is {wrong!r}" in message
    assert allowed in message


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("is_synthetic", "no"), ("vintage", 2022), ("sha256", "abc"), ("title", None), ("file", "")],
)
def test_a_value_of_another_kind_is_refused(field: str, wrong: Any) -> None:
    message = refusal(RegistryError, parse_entry, "survey", text(**{field: wrong}))
    assert f"registry entry 'survey': {field} is {wrong!r}" in message


@pytest.mark.parametrize("content", ["", "- a list", "only text"])
def test_what_is_no_mapping_is_refused(content: str) -> None:
    assert "expected a mapping" in refusal(RegistryError, parse_entry, "survey", content)


def test_text_that_is_no_yaml_is_refused_with_its_line() -> None:
    message = refusal(RegistryError, parse_entry, "survey", "title: a\nproducer: [b\n")
    assert "registry entry 'survey'" in message
    assert "line 3" in message


def test_every_shipped_entry_loads_and_can_be_had() -> None:
    registry = load_registry()
    assert list(registry) == sorted(registry)
    for name, known in registry.items():
        assert known.name == name
        assert known.url.startswith("https://")
        assert known.is_synthetic == (known.door == "demo")
        assert known.how_to_get


@pytest.mark.parametrize("target", ["demo", "tax_units"])
def test_the_sources_of_a_build_are_registered(target: str) -> None:
    assert set(entries_of_target(ROOT, target)) <= load_registry().keys()


def test_a_target_without_sources_is_refused_with_those_that_have() -> None:
    message = refusal(RegistryError, entries_of_target, ROOT, "mars")
    assert "no source has an entry for target 'mars'; targets are demo, tax_units" in message
