"""A raw file lands whole and as text, once; what is not the expected file is refused."""

import gzip
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from sources_fixture import drop, entry, landing, refusal, rows

from steelyard.sources.doors import SourceError
from steelyard.sources.landing import Landing
from steelyard.sources.registry import RegistryError
from steelyard.warehouse.files import UnreadableFileError

TABLE = b"H_SEQ,HRHHID\n1,2203110911110123456789\n2,0000000000000000000007\n"


def land(root: Path) -> list[tuple[str, ...]]:
    return rows(landing(root).land(["survey"]).path)


def landed_files(root: Path) -> list[str]:
    folder = root / "build" / "cache" / "landed"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_every_column_lands_as_text_digit_for_digit(tmp_path: Path) -> None:
    drop(tmp_path, TABLE)
    assert land(tmp_path) == [
        ("1", "2203110911110123456789"),
        ("2", "0000000000000000000007"),
    ]


def test_the_record_says_what_landed(tmp_path: Path) -> None:
    raw = drop(tmp_path, TABLE)
    landed = landing(tmp_path).land(["survey"])
    assert (landed.entry, landed.raw_file, landed.raw_bytes) == ("survey", raw.name, len(TABLE))
    assert landed.raw_sha256 == sha256(TABLE).hexdigest()
    assert (landed.row_count, landed.column_count) == (2, 2)
    assert landed_files(tmp_path) == [landed.parquet.name, "survey.json"]


def test_a_second_reading_is_served_from_the_cache(tmp_path: Path) -> None:
    drop(tmp_path, TABLE)
    first = landing(tmp_path).land(["survey"])
    written = first.parquet.stat().st_mtime_ns
    assert landing(tmp_path).land(["survey"]) == first
    assert first.parquet.stat().st_mtime_ns == written
    first.parquet.unlink()
    assert landing(tmp_path).land(["survey"]).parquet.is_file()


def test_threads_that_ask_at_once_get_one_file(tmp_path: Path) -> None:
    drop(tmp_path, TABLE)
    port = landing(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        landed = list(pool.map(lambda _: port.land(["survey"]), range(16)))
    assert len(set(landed)) == 1
    assert len(rows(landed[0].path)) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\r\n1,x\r\n2,\r\n",
        b"\xef\xbb\xbfa,b\n1,x\n2,\n",
        b'\xef\xbb\xbf"a","b"\n"1","x"\n"2",""\n',
        b"a,b\n1,x\n2,",
        b" a , b\n1,x\n\n2,\n",
    ],
    ids=["CRLF", "BOM", "BOM and quotes", "no last line end", "spaces and a blank line"],
)
def test_how_text_was_saved_carries_no_meaning(tmp_path: Path, content: bytes) -> None:
    drop(tmp_path, content)
    landed = landing(tmp_path).land(["survey"])
    assert rows(landed.path) == [("1", "x"), ("2", None)]
    assert (landed.row_count, landed.column_count) == (2, 2)


def test_quoted_numbers_keep_their_commas(tmp_path: Path) -> None:
    drop(tmp_path, b'a,b\n"1,234",NA\n')
    assert land(tmp_path) == [("1,234", "NA")]


def test_an_entry_may_say_delimiter_and_encoding(tmp_path: Path) -> None:
    drop(tmp_path, "name;b\nDoña Ana;1\n".encode("latin-1"))
    port = landing(tmp_path, entry(delimiter=";", encoding="latin-1"))
    assert rows(port.land(["survey"]).path) == [("Doña Ana", "1")]


WHOLE_GZ = gzip.compress(b"a,b\n" + b"".join(b"%d,12345\n" % (i * i) for i in range(2000)))
CUT_AT_A_LINE = gzip.compress(b"a,b\n1,x\n")[:-8]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("survey.csv", b"a;b\n1;2\n", "line 1 is 1 column when split by ','"),
        ("survey.csv", b"a,b\n1,2\n3\n", "line 3, '3', has 1 values where"),
        ("survey.csv", b"a,b\n1,2\n3,4,5\n", "line 3, '3,4,5', has 3 values"),
        ("survey.csv", b'a,b\n1,2\n3,"4\n', "opens a quote that is not closed"),
        ("survey.csv", b"a,b\n", "line 1 names columns and no record follows"),
        ("survey.csv", b"a,b,a\n1,2,3\n", "line 1: column names come twice: a"),
        ("survey.csv", "a,b\n1,2\nDoña,2\n".encode("latin-1"), "is not UTF-8 text"),
        ("survey.csv", "a,ñ\n1,2\n".encode("latin-1"), "line 1, 'a,ñ', is not UTF-8 text"),
        ("survey.csv.gz", b"a,b\n1,2\n", "Not a gzipped file"),
        ("survey.csv.gz", WHOLE_GZ[: len(WHOLE_GZ) // 2], "survey.csv.gz"),
        ("survey.csv.gz", CUT_AT_A_LINE, "is truncated or damaged"),
    ],
    ids=[
        "wrong delimiter",
        "short line",
        "long line",
        "open quote",
        "no records",
        "name twice",
        "Latin-1",
        "Latin-1 header",
        "no gzip",
        "half a gzip",
        "gzip without its end",
    ],
)
def test_what_is_no_table_is_refused_and_nothing_stays(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    raw = drop(tmp_path, content, name)
    message = refusal(UnreadableFileError, land, tmp_path)
    assert message.startswith(f"{raw}: ")
    assert complaint in message
    assert "strict_mode" not in message
    assert landed_files(tmp_path) == []


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    raw = drop(tmp_path, b"")
    message = refusal(SourceError, land, tmp_path)
    assert f"survey: {raw} is missing or empty. {entry().how_to_get}" in message


def test_a_missing_file_is_refused_with_how_to_get_it(tmp_path: Path) -> None:
    message = refusal(SourceError, land, tmp_path)
    assert f"survey: no file *.csv* in {tmp_path / 'drop' / 'survey'}" in message
    assert entry().how_to_get in message
    assert "recorded on first read" in message
    pinned = landing(tmp_path, entry(sha256="0" * 64))
    assert "Expected sha256: " + "0" * 64 in refusal(SourceError, pinned.land, ["survey"])


def test_another_file_than_the_registered_one_is_refused_with_both_hashes(tmp_path: Path) -> None:
    raw = drop(tmp_path, TABLE)
    message = refusal(SourceError, landing(tmp_path, entry(sha256="0" * 64)).land, ["survey"])
    assert f"{raw} is not the file that was expected" in message
    assert "expected sha256 " + "0" * 64 in message
    assert f"found sha256    {sha256(TABLE).hexdigest()}" in message


def test_a_dropped_file_is_held_to_its_first_reading(tmp_path: Path) -> None:
    drop(tmp_path, TABLE)
    land(tmp_path)
    altered = TABLE.replace(b"7\n", b"8\n")
    drop(tmp_path, altered)
    message = refusal(SourceError, land, tmp_path)
    assert f"expected sha256 {sha256(TABLE).hexdigest()}" in message
    assert f"found sha256    {sha256(altered).hexdigest()}" in message
    record = tmp_path / "build" / "cache" / "landed" / "survey.json"
    assert f"If the new file is meant, delete {record}." in message
    record.unlink()
    assert land(tmp_path)[1] == ("2", "0000000000000000000008")


def test_a_damaged_record_is_no_obstacle(tmp_path: Path) -> None:
    drop(tmp_path, TABLE)
    land(tmp_path)
    record = tmp_path / "build" / "cache" / "landed" / "survey.json"
    record.write_text(record.read_text()[:20])
    message = refusal(SourceError, land, tmp_path)
    assert f"{record} cannot be read; delete it" in message


def test_the_first_entry_at_hand_is_taken_and_the_choice_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port: Landing = landing(tmp_path, entry(name="better", how_to_get="Buy it."), entry())
    drop(tmp_path, TABLE)
    with caplog.at_level(logging.WARNING):
        assert port.land(["better", "survey"]).entry == "survey"
    assert "better is not at hand (Buy it.); using survey instead" in caplog.text


def test_a_name_that_is_not_registered_is_refused(tmp_path: Path) -> None:
    message = refusal(RegistryError, landing(tmp_path).land, ["surwey"])
    assert "source 'surwey' is not registered; known are survey" in message


def test_the_record_is_plain_json(tmp_path: Path) -> None:
    drop(tmp_path, TABLE)
    landed = landing(tmp_path).land(["survey"])
    record = tmp_path / "build" / "cache" / "landed" / "survey.json"
    assert json.loads(record.read_text())["raw_sha256"] == landed.raw_sha256
