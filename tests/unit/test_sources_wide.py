"""Of a file of thousands of columns only those read land; Stata files land as text too."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sources_fixture import drop, entry, refusal, rows

from steelyard.sources.crosswalk import wanted_columns
from steelyard.sources.doors import DemoWorld, Doors
from steelyard.sources.landing import Landing
from steelyard.sources.stata import stata_to_parquet
from steelyard.warehouse.files import UnreadableFileError, csv_to_parquet

WIDE = b"SSUID|tage|FILLER|TPTOTINC\n00042|33||100\n00043||x|\n"
HEAD = "record,column_name,first_vintage,last_vintage,source_column,note\n"


def wide(root: Path, *columns: str) -> Landing:
    cache = root / "build" / "cache"
    page = entry(is_wide=True, delimiter="|", file="*")
    doors = Doors(root, cache, DemoWorld(60, 1))
    return Landing({"survey": page}, doors, cache / "landed", lambda _: columns)


def test_only_what_is_read_lands_in_the_order_asked_for(tmp_path: Path) -> None:
    drop(tmp_path, WIDE)
    landed = wide(tmp_path, "TPTOTINC", "ssuid").land(["survey"])
    assert pq.read_schema(landed.path).names == ["TPTOTINC", "SSUID"]
    assert rows(landed.path) == [("100", "00042"), (None, "00043")]
    assert (landed.row_count, landed.column_count) == (2, 2)


def test_a_column_more_lands_the_file_again_and_one_less_does_not(tmp_path: Path) -> None:
    drop(tmp_path, WIDE)
    first = wide(tmp_path, "SSUID").land(["survey"])
    second = wide(tmp_path, "SSUID", "TAGE").land(["survey"])
    assert (first.column_count, second.column_count) == (1, 2)
    assert rows(second.path) == [("00042", "33"), ("00043", None)]
    third = wide(tmp_path, "TAGE").land(["survey"])
    assert third == second


def test_a_promised_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    raw = drop(tmp_path, WIDE)
    message = refusal(UnreadableFileError, wide(tmp_path, "SSUID", "TPTOTINX").land, ["survey"])
    assert message.startswith(f"{raw}: line 1 lacks 1 of the columns that are read")
    assert "TPTOTINX (nearest: TPTOTINC" in message
    assert "without source_column" in message


def test_quotes_and_ragged_lines_of_columns_not_read_are_seen_all_the_same(tmp_path: Path) -> None:
    source = tmp_path / "wide.csv"
    source.write_bytes(b"a|b|c\n1|2|3\n4|5\n")
    with pytest.raises(UnreadableFileError, match="line 3"):
        csv_to_parquet(source, tmp_path / "wide.parquet", delimiter="|", only=["a"])


def test_the_crosswalk_says_which_columns_a_vintage_has(tmp_path: Path) -> None:
    seed = tmp_path / "seeds" / "xwalks" / "xwalk_sipp_column.csv"
    seed.parent.mkdir(parents=True)
    seed.write_text(
        HEAD + "person_month,age,,2021,TAGE,\nperson_month,age,2022,,TAGE_EHC,\n"
        "person_month,years,,,TAGE,\nperson_month,later,2023,,NEW,\nreplicate,x,,,X,\n"
    )
    page = {"survey": "sipp", "record": "person_month"}
    assert wanted_columns(tmp_path, entry(survey_year=2021, **page)) == ["TAGE"]
    assert wanted_columns(tmp_path, entry(survey_year=2022, **page)) == ["TAGE_EHC", "TAGE"]


def test_stata_lands_as_text_with_whole_numbers_whole(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "YY1": np.array([1, 2, 3], dtype=np.int32),
            "WT1B1": [1234.125, np.nan, 0.1],
            "MM1": np.array([2, np.nan, 1], dtype=np.float32),
            "third": np.array([1 / 3, np.nan, 0.5], dtype=np.float32),
            "name": ["a", "", "c"],
        }
    )
    source, destination = tmp_path / "rw.dta", tmp_path / "rw.parquet"
    frame.to_stata(source, write_index=False, version=118)
    assert stata_to_parquet(source, destination) == (3, 5)
    assert rows(destination) == [
        ("1", "1234.125", "2", "0.33333334", "a"),
        ("2", None, None, None, None),
        ("3", "0.1", "1", "0.5", "c"),
    ]


def test_stata_in_chunks_is_stata_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"n": np.arange(10), "x": np.arange(10) / 4})
    source = tmp_path / "rw.dta"
    frame.to_stata(source, write_index=False)
    stata_to_parquet(source, tmp_path / "one.parquet")
    monkeypatch.setattr("steelyard.sources.stata.ROWS", 3)
    assert stata_to_parquet(source, tmp_path / "many.parquet") == (10, 2)
    one, many = rows(tmp_path / "one.parquet"), rows(tmp_path / "many.parquet")
    assert [(n, float(x)) for n, x in one] == [(n, float(x)) for n, x in many]


@pytest.mark.parametrize(
    "content", [b"", b"YY1,WT1B1\n1,2\n", b"<stata_dta><header>"], ids=["empty", "csv", "cut"]
)
def test_what_is_no_stata_file_is_refused_and_nothing_stays(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "rw.dta"
    source.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"rw\.dta: cannot be read as a Stata file"):
        stata_to_parquet(source, tmp_path / "rw.parquet")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rw.dta"]


def test_a_stata_file_cut_short_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "rw.dta"
    pd.DataFrame({"n": np.arange(5000.0), "x": np.arange(5000.0)}).to_stata(source)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(UnreadableFileError, match=r"rw\.dta"):
        stata_to_parquet(source, tmp_path / "rw.parquet")
    assert not (tmp_path / "rw.parquet").exists()
