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
    named,
    parse_entries,
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


@pytest.mark.parametrize("target", ["demo", "tax_units", "us_2022"])
def test_the_sources_of_a_build_are_registered(target: str) -> None:
    assert set(entries_of_target(ROOT, target)) <= load_registry().keys()


def test_a_target_without_sources_is_refused_with_those_that_have() -> None:
    message = refusal(RegistryError, entries_of_target, ROOT, "mars")
    assert (
        "no source has an entry for target 'mars'; targets are demo, tax_units, us_2022" in message
    )


SURVEY = {
    "survey": "asec",
    "producer": "A bureau",
    "landing_page": "https://example.org/",
    "licence": "public domain",
    "access_class": "PUBLIC",
    "income_year_lag": 1,
    "is_imitated": True,
    "how_to_get": "Put the zip of {vintage} into drop/{name}/.",
    "url": "https://example.org/{vintage}/asec{yy}.zip",
    "files": [
        {
            "record": "person",
            "title": "ASEC {vintage}, persons",
            "member": r"pp{yy}\.csv",
            "vintages": {2019: None, 2024: "0" * 64},
        }
    ],
}


def test_a_survey_page_is_a_file_a_vintage_and_its_twin_of_the_demo_world() -> None:
    pages = parse_entries("asec", yaml.safe_dump(SURVEY))
    entries = {entry.name: entry for entry in pages}
    assert list(entries) == [
        "asec_2019_person",
        "asec_2024_person",
        "demo_asec_2019_person",
        "demo_asec_2024_person",
    ]
    real, twin = entries["asec_2024_person"], entries["demo_asec_2024_person"]
    assert (real.url, real.file) == (
        "https://example.org/2024/asec24.zip",
        "example.org/2024/asec24.zip",
    )
    assert (real.door, real.member, real.sha256) == ("fetch", r"pp24\.csv", "0" * 64)
    assert (real.dataset_id, real.survey_year, real.income_year) == ("asec_2023", 2024, 2023)
    assert real.how_to_get == "Put the zip of 2024 into drop/asec_2024_person/."
    assert (twin.door, twin.file, twin.sha256) == ("demo", real.file, None)
    assert (twin.is_synthetic, twin.dataset_id) == (True, "demo_asec_2023")


def test_a_survey_page_that_lacks_something_is_refused() -> None:
    lacking = {key: value for key, value in SURVEY.items() if key != "income_year_lag"}
    message = refusal(RegistryError, parse_entries, "asec", yaml.safe_dump(lacking))
    assert "registry entry 'asec'" in message
    assert "income_year_lag" in message
    wrong = SURVEY | {"access_class": "public"}
    message = refusal(RegistryError, parse_entries, "asec", yaml.safe_dump(wrong))
    assert "registry entry 'asec_2019_person': access_class is 'public'" in message


def test_a_glob_names_vintages_in_order() -> None:
    pages = parse_entries("asec", yaml.safe_dump(SURVEY))
    registry = {entry.name: entry for entry in reversed(pages)}
    assert [e.name for e in named(registry, "asec_*_person")] == [
        "asec_2019_person",
        "asec_2024_person",
    ]
    assert "source 'sipp_*' is not registered" in refusal(RegistryError, named, registry, "sipp_*")
