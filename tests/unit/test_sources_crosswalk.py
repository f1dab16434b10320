"""Vintages that name a column differently, or lack it, are read as one table."""

from pathlib import Path

import duckdb
import pytest
from sources_fixture import entry, landing, refusal

from steelyard.sources.crosswalk import CrosswalkError, load_crosswalk, read_vintages
from steelyard.sources.landing import Landed
from steelyard.sources.registry import Entry

HEAD = "record,column_name,first_vintage,last_vintage,source_column,note\n"
ROWS = """\
person,serialno,,,SERIALNO,
person,relation,,2018,RELP,before the new question
person,relation,2019,,RELSHIPP,
person,broadband,,2020,,not asked
person,broadband,2021,,BB,
household,np,,,NP,
"""
OLD = b"serialno,EXTRA,RELP\n2203110911110123456789,x,1\n0007,y,\n"
NEW = b"SERIALNO,RELSHIPP,BB\n2022HU0000001,20,5\n"


def seed(root: Path, rows: str = ROWS, head: str = HEAD) -> Path:
    path = root / "seeds" / "xwalks" / "xwalk_acs_column.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + rows, encoding="utf-8")
    return path


def vintage(year: int) -> Entry:
    return entry(
        name=f"acs_{year}",
        dataset_id=f"acs_{year}",
        survey_year=year,
        income_year=year,
        survey="acs",
        record="person",
    )


def landed(root: Path, **files: bytes) -> list[tuple[Entry, Landed]]:
    entries = [vintage(int(name.removeprefix("acs_"))) for name in files]
    for name, content in files.items():
        folder = root / "drop" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "survey.csv").write_bytes(content)
    return landing(root, *entries).land_all(["acs_*"])


def read(root: Path, **files: bytes) -> list[tuple[object, ...]]:
    crosswalk = load_crosswalk(root, "acs", "person")
    records = read_vintages(crosswalk, landed(root, **files))  # noqa: F841  read by name
    return duckdb.sql("from records").fetchall()


def test_vintages_become_one_table_of_the_promised_columns(tmp_path: Path) -> None:
    seed(tmp_path)
    assert read(tmp_path, acs_2022=NEW, acs_2018=OLD) == [
        ("2203110911110123456789", "1", None, "acs_2018", 2018, 2018),
        ("0007", None, None, "acs_2018", 2018, 2018),
        ("2022HU0000001", "20", "5", "acs_2022", 2022, 2022),
    ]


def test_a_promised_column_that_is_not_there_is_named_with_its_neighbours(tmp_path: Path) -> None:
    seed(tmp_path)
    with pytest.raises(CrosswalkError) as caught:
        read(tmp_path, acs_2022=NEW.replace(b"RELSHIPP", b"RELSHIP"))
    message = str(caught.value)
    assert "acs_2022: survey.csv has no column RELSHIPP (nearest: RELSHIP)" in message
    assert "xwalk_acs_column.csv gives for person.relation in 2022" in message


def test_two_lines_for_one_vintage_are_refused(tmp_path: Path) -> None:
    seed(tmp_path, ROWS.replace("person,relation,2019", "person,relation,2018"))
    with pytest.raises(CrosswalkError, match=r"two lines give person.relation in 2018"):
        read(tmp_path, acs_2018=OLD)


def test_a_wrong_crosswalk_is_refused_by_file_and_line(tmp_path: Path) -> None:
    message = refusal(CrosswalkError, load_crosswalk, tmp_path, "acs", "person")
    assert "xwalk_acs_column.csv is missing" in message
    path = seed(tmp_path, ROWS.replace("2018,RELP", "then,RELP"))
    message = refusal(CrosswalkError, load_crosswalk, tmp_path, "acs", "person")
    assert f"{path}: line 3: last_vintage is 'then'; it is a year" in message
    seed(tmp_path, head=HEAD.replace("note", "remark"))
    assert "its columns are record, column_name" in refusal(
        CrosswalkError, load_crosswalk, tmp_path, "acs", "person"
    )
    seed(tmp_path)
    assert "no line for record 'persons'" in refusal(
        CrosswalkError, load_crosswalk, tmp_path, "acs", "persons"
    )


def test_one_line_may_stand_for_numbered_columns(tmp_path: Path) -> None:
    seed(tmp_path, "person,weight_{9..11},2020,,PWGTP{9..11},\nperson,flag{1..2},,,,not asked\n")
    crosswalk = load_crosswalk(tmp_path, "acs", "person")
    assert crosswalk.columns == ["weight_9", "weight_10", "weight_11", "flag1", "flag2"]
    assert crosswalk.sources(2020) == {
        "weight_9": "PWGTP9",
        "weight_10": "PWGTP10",
        "weight_11": "PWGTP11",
        "flag1": None,
        "flag2": None,
    }
    assert set(crosswalk.sources(2019).values()) == {None}


@pytest.mark.parametrize("source", ["PWGTP", "PWGTP{1..4}", "P{1..3}_{1..3}"])
def test_columns_not_numbered_alike_are_refused(tmp_path: Path, source: str) -> None:
    path = seed(tmp_path, f"person,weight_{{1..3}},,,{source},\n")
    message = refusal(CrosswalkError, load_crosswalk, tmp_path, "acs", "person")
    assert message.startswith(f"{path}: line 2: ")
    assert "not numbered alike" in message
