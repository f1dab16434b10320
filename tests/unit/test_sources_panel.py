"""A panel's files: dropped into one folder, read by their layout, one text for many waves."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sources_fixture import entry, landing, refusal

from steelyard.sources.demo.files import write_zip
from steelyard.sources.demo.fixed_width import Column, spss_setup
from steelyard.sources.doors import SourceError
from steelyard.sources.registry import Entry, RegistryError, load_registry, parse_entries
from steelyard.warehouse.files import UnreadableFileError

COLUMNS = [Column("ER30001", 4), Column("ER30020", 4), Column("ER30043", 4)]
TEXT = b"   1  12   7\n   2   0   9\n"


def wave(year: int, **changes: object) -> Entry:
    """One wave of a file that holds them all."""
    return entry(
        **{
            "name": f"panel_{year}_individual",
            "survey": "panel",
            "record": "individual",
            "survey_year": year,
            "folder": "panel",
            "file": "*.zip",
            "member": r"IND\d+ER\.txt",
            "layout": r"IND\d+ER\.sps",
        }
        | changes
    )


def drop(root: Path, text: bytes = TEXT, rows: int = 2) -> Path:
    setup = spss_setup("IND1970ER.txt", "Individuals", COLUMNS, rows)
    members = {"IND1970ER.txt": [text], "IND1970ER.sps": [setup.encode()]}
    return write_zip(root / "drop" / "panel" / "ind1970er.zip", members)


def test_every_wave_of_one_file_shares_its_text(tmp_path: Path) -> None:
    drop(tmp_path)
    port = landing(tmp_path, wave(1969), wave(1970))
    (_, first), (_, second) = port.land_all(["panel_*_individual"])
    assert (first.entry, second.entry) == ("panel_1969_individual", "panel_1970_individual")
    assert first.path == second.path
    assert pq.read_table(first.path).to_pydict() == {
        "ER30001": ["1", "2"],
        "ER30020": ["12", "0"],
        "ER30043": ["7", "9"],
    }


def test_another_file_is_landed_for_itself(tmp_path: Path) -> None:
    drop(tmp_path)
    other = write_zip(
        tmp_path / "drop" / "other" / "ind1970er.zip",
        {
            "IND1970ER.txt": [TEXT.replace(b"12", b"13")],
            "IND1970ER.sps": [spss_setup("IND1970ER.txt", "Individuals", COLUMNS, 2).encode()],
        },
    )
    assert other.is_file()
    port = landing(tmp_path, wave(1969), wave(1970, folder="other"))
    first, second = (landed for _, landed in port.land_all(["panel_*_individual"]))
    assert first.path != second.path
    assert pq.read_table(second.path)["ER30020"].to_pylist() == ["13", "0"]


def test_a_missing_file_is_asked_for_in_the_panel_s_folder(tmp_path: Path) -> None:
    port = landing(tmp_path, wave(1969))
    told = refusal(SourceError, port.land, ["panel_1969_individual"])
    assert str(tmp_path / "drop" / "panel") in told


def test_a_truncated_text_leaves_nothing_in_the_cache(tmp_path: Path) -> None:
    drop(tmp_path, rows=3)
    port = landing(tmp_path, wave(1969))
    told = refusal(UnreadableFileError, port.land, ["panel_1969_individual"])
    assert "(IND1970ER.txt): has 2 records where its layout says 3" in told
    assert not list((tmp_path / "build").rglob("*.parquet"))
    assert not list((tmp_path / "build").rglob("*.json"))


def test_the_registry_knows_every_wave_and_keeps_it_closed() -> None:
    registry = load_registry()
    real = [e for e in registry.values() if e.survey == "psid" and not e.is_synthetic]
    assert len(real) == 2 * 42
    assert {e.access_class for e in real} == {"REGISTRATION"}
    assert {e.door for e in real} == {"drop"} and {e.folder for e in real} == {"psid"}
    assert {e.income_year for e in real} == {e.survey_year - 1 for e in real if e.survey_year}
    assert {e.dataset_id for e in real} == {"psid"}


def test_a_layout_is_text() -> None:
    page = (
        "survey: x\nlayout: 7\nfiles: [{record: a, url: 'https://e.org/a', vintages: {2000: null}}]"
    )
    fields = (
        "\ntitle: t\nproducer: p\nlanding_page: l\nlicence: l\naccess_class: PUBLIC"
        "\nincome_year_lag: 1\nhow_to_get: h\n"
    )
    with pytest.raises(RegistryError, match="layout is 7, it is text"):
        parse_entries("x", page + fields)
