"""A release says what it is in the words of each standard, and opens as a database."""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pyarrow.parquet as pq
import pytest
import yaml
from release_fixture import GATES, MANIFEST, TAX_UNITS

from steelyard.release import verify, write_release

SCHEMAS = json.loads((Path(__file__).parent / "data" / "release_schemas.json").read_text())
DICTIONARY = """
select * from (
    values
    ('tax_unit', 'tax_unit_id', '', 'Tax unit; it''s the key'),
    ('tax_unit', 'adjusted_gross_income', 'USD per year', 'Adjusted gross income'),
    ('person', 'tax_unit_id', '', 'Tax unit of the person'),
    ('build_source', 'landed_at', '', 'A column that is not released')
) as said (table_name, column_name, unit, description)
"""
TABLES = """
select * from (
    values
    ('tax_unit', 'one row per tax unit', 'Tax units.'),
    ('person', 'one row per person', 'Persons.')
) as said (table_name, grain, description)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("described"))


def written(folder: Path) -> Path:
    with duckdb.connect() as connection:
        tables = {
            "tax_unit": connection.sql(TAX_UNITS).order("tax_unit_id"),
            "person": connection.sql("select i as person_id, i as tax_unit_id from range(3) t (i)"),
            "val_gate": connection.sql(GATES).order("gate"),
            "build_source": connection.sql("select 'survey' as source"),
            "dictionary": connection.sql(DICTIONARY).order("all"),
            "dictionary_table": connection.sql(TABLES).order("all"),
        }
        gates = [
            {"gate": "one", "is_met": True, "limit_value": 1.0, "measured_value": 0.5},
            {"gate": "two", "is_met": False, "limit_value": 1.0, "measured_value": None},
        ]
        return write_release(folder, tables, MANIFEST | {"gates": gates})[0]


def read(folder: Path, name: str) -> Any:
    text = (folder / name).read_text(encoding="utf-8")
    # BaseLoader leaves dates as the text that the schema asks for.
    return yaml.load(text, yaml.BaseLoader) if name.endswith(".cff") else json.loads(text)


def hashes(folder: Path, *, but: tuple[str, ...] = ()) -> dict[str, str]:
    other = ("manifest.json", "steelyard.duckdb", "report.html", "report.pdf")
    described = [*folder.glob("*.parquet"), *(folder / name for name in other)]
    return {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in described
        if path.name not in but
    }


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ("ro_crate", "ro-crate-metadata.json"),
        ("dataset", "dataset.jsonld"),
        ("citation", "CITATION.cff"),
    ],
)
def test_it_has_what_the_standard_requires(folder: Path, schema: str, name: str) -> None:
    said = read(folder, name)
    validator = jsonschema.Draft202012Validator(SCHEMAS[schema])
    validator.validate(said)
    for key in SCHEMAS[schema]["required"]:
        assert not validator.is_valid({other: said[other] for other in said if other != key})


def test_the_data_package_is_valid_and_its_files_are_there(folder: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    said = read(folder, "datapackage.json")
    assert [str(error) for error in frictionless.Package.metadata_validate(said)] == []
    broken = said | {"resources": [{"path": "x"}]}
    assert [str(error) for error in frictionless.Package.metadata_validate(broken)]


def test_the_croissant_is_valid_and_its_records_can_be_read(folder: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert dataset.metadata.ctx.issues.errors == set()
    units = [record["tax_unit/tax_unit_id"] for record in dataset.records("tax_unit")]
    assert units == [*range(6)]


def test_the_datacite_payload_is_valid_and_holds_no_doi(folder: Path) -> None:
    schema = pytest.importorskip("datacite.schema45")
    said = read(folder, "datacite.json")
    schema.validator.validate(said)
    assert not {"doi", "identifiers", "prefix"} & set(said)
    with pytest.raises(jsonschema.ValidationError):
        schema.validator.validate({key: said[key] for key in said if key != "publicationYear"})


def test_every_file_is_listed_with_its_hash(folder: Path) -> None:
    crate = {item["@id"]: item for item in read(folder, "ro-crate-metadata.json")["@graph"]}
    found = {name: item["sha256"] for name, item in crate.items() if item["@type"] == "File"}
    assert found == hashes(folder)
    assert {part["@id"] for part in crate["./"]["hasPart"]} == set(found)
    for name in ("croissant.json", "dataset.jsonld"):
        listed = {item["name"]: item["sha256"] for item in read(folder, name)["distribution"]}
        assert listed == hashes(folder)
    resources = read(folder, "datapackage.json")["resources"]
    other = ("manifest.json", "steelyard.duckdb", "report.html", "report.pdf")
    tables = hashes(folder, but=other)
    assert {item["path"]: item["hash"] for item in resources} == {
        name: f"sha256:{found}" for name, found in tables.items()
    }
    assert all(item["bytes"] == (folder / item["path"]).stat().st_size for item in resources)


def test_what_is_referred_to_in_the_crate_is_in_it(folder: Path) -> None:
    graph = read(folder, "ro-crate-metadata.json")["@graph"]
    known = {item["@id"] for item in graph} | {"https://w3id.org/ro/crate/1.1"}
    values = [value for item in graph for value in item.values()]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    assert {one["@id"] for one in flat if isinstance(one, dict)} <= known


def test_keys_and_units_are_told(folder: Path) -> None:
    tables = {item["name"]: item for item in read(folder, "datapackage.json")["resources"]}
    schema = tables["person"]["schema"]
    assert schema["primaryKey"] == ["person_id"]
    assert schema["foreignKeys"] == [
        {
            "fields": ["tax_unit_id"],
            "reference": {"resource": "tax_unit", "fields": ["tax_unit_id"]},
        }
    ]
    fields = {item["name"]: item for item in tables["tax_unit"]["schema"]["fields"]}
    assert fields["adjusted_gross_income"] == {
        "name": "adjusted_gross_income",
        "type": "number",
        "description": "Adjusted gross income",
        "unit": "USD per year",
    }
    assert [fields[name]["type"] for name in ("tax_unit_id", "filing_status", "is_filer")] == [
        "integer",
        "string",
        "boolean",
    ]


def test_a_parquet_file_describes_itself(folder: Path) -> None:
    schema = pq.read_schema(folder / "tax_unit.parquet")
    assert schema.metadata[b"table"] == b"tax_unit"
    assert schema.metadata[b"grain"] == b"one row per tax unit"
    assert schema.metadata[b"description"] == b"Tax units."
    income = schema.field("adjusted_gross_income").metadata
    assert (income[b"unit"], income[b"description"]) == (b"USD per year", b"Adjusted gross income")


def test_the_datasheet_has_every_heading_and_names_weaknesses(folder: Path) -> None:
    text = (folder / "DATASHEET.md").read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Motivation",
        "## Composition",
        "## Collection process",
        "## Preprocessing, cleaning, labelling",
        "## Uses",
        "## Distribution",
        "## Maintenance",
    ]
    assert "| `tax_unit` | one row per tax unit | 6 | 5 |" in text
    assert "Quality gates met: 1 of 2." in text
    assert "`two`: limit 1, not measured" in text
    assert f"`{'0' * 64}`" in text


@pytest.mark.parametrize("place", ["there", "elsewhere"])
def test_the_database_opens(
    folder: Path, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its folder as it is; from elsewhere with a search path; moved, likewise."""
    moved = tmp_path / "moved's"
    shutil.copytree(folder, moved)
    monkeypatch.chdir(moved if place == "there" else tmp_path)
    config = {} if place == "there" else {"file_search_path": str(moved)}
    with duckdb.connect(moved / "steelyard.duckdb", read_only=True, config=config) as connection:
        assert connection.sql("select count(*) from tax_unit").fetchall() == [(6,)]
        comments = connection.sql(
            "select comment from duckdb_views() where view_name = 'tax_unit' union all "
            "select comment from duckdb_columns() where table_name = 'tax_unit' "
            "and column_name in ('tax_unit_id', 'adjusted_gross_income') order by all"
        ).fetchall()
    assert comments == [
        ("Adjusted gross income [USD per year]",),
        ("Tax unit; it's the key",),
        ("Tax units.",),
    ]
    with duckdb.connect(moved / "steelyard.duckdb", config=config) as connection:
        connection.sql("select sum(calibrated_weight) from tax_unit").fetchall()
    verify(moved)


def test_only_the_clock_of_the_manifest_differs_between_two_writings(
    folder: Path, tmp_path: Path
) -> None:
    again = written(tmp_path)
    assert again.name == folder.name
    same = ("manifest.json",)
    assert hashes(again, but=same) == hashes(folder, but=same)
    made = [read(one, "manifest.json").pop("made") for one in (again, folder)]
    for name in ("DATASHEET.md", "CITATION.cff", "datacite.json"):
        texts = [(one / name).read_text(encoding="utf-8") for one in (again, folder)]
        days = [each["at"][:10] for each in made]
        assert texts[0].replace(days[0], "") == texts[1].replace(days[1], "")
