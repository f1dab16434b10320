"""Text lands as it is written, or the message names file, line and remedy, and nothing stays."""

import gzip
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sources_fixture import refusal, rows

from steelyard.warehouse import files
from steelyard.warehouse.files import UnreadableFileError, csv_to_parquet
from steelyard.warehouse.unfinished import NoSpaceError, workplace

TEXT = (
    b"H_SEQ,PERIDNUM,STATE,WSAL_VAL\n1,2203110911110123456789,06,0\n2,0000000000000000000007,36,\n"
)


def land(folder: Path, content: bytes, name: str = "raw.csv", **how: Any) -> list[tuple[Any, ...]]:
    source = folder / name
    source.write_bytes(content)
    csv_to_parquet(source, folder / "landed" / "table.parquet", **how)
    return rows(folder / "landed" / "table.parquet")


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in (folder / "landed").rglob("*"))


def test_a_22_digit_identifier_never_is_a_number(tmp_path: Path) -> None:
    landed = land(tmp_path, TEXT)
    assert landed[0] == ("1", "2203110911110123456789", "06", "0")
    # What the digits would have become as a double.
    assert f"{float(landed[0][1]):.0f}" == "2203110911110123356160"
    schema = pq.read_schema(tmp_path / "landed" / "table.parquet")
    assert {str(field.type) for field in schema} == {"string"}


@pytest.mark.parametrize(
    ("content", "how"),
    [
        (TEXT, {}),
        (b"\xef\xbb\xbf" + TEXT, {}),
        (TEXT.replace(b"\n", b"\r\n"), {}),
        (TEXT.replace(b"\n", b"\r"), {}),
        (TEXT.replace(b"06", b'"06"'), {}),
        (TEXT.replace(b",", b"|"), {"delimiter": "|"}),
        (TEXT.replace(b"\n", b",\n"), {}),
        (TEXT.replace(b",", b" , ", 3), {}),
        (TEXT.decode().encode("utf-16"), {"encoding": "utf-16"}),
        (TEXT.decode().encode("utf-16-le"), {"encoding": "utf-16-le"}),
        (TEXT, {"encoding": "ascii"}),
        (TEXT, {"encoding": "cp1252"}),
    ],
    ids=[
        "plain",
        "BOM",
        "CRLF",
        "CR",
        "quoted numbers",
        "bars",
        "a delimiter at each line's end",
        "spaces in the header",
        "UTF-16",
        "UTF-16 without BOM",
        "ASCII",
        "another encoding",
    ],
)
def test_how_text_was_written_carries_no_meaning(
    tmp_path: Path, content: bytes, how: dict[str, str]
) -> None:
    whole = [
        ("1", "2203110911110123456789", "06", "0"),
        ("2", "0000000000000000000007", "36", None),
    ]
    assert land(tmp_path, content, **how) == whole
    assert land(tmp_path, gzip.compress(content), "raw.csv.gz", **how) == whole
    assert pq.read_schema(tmp_path / "landed" / "table.parquet").names == [
        "H_SEQ",
        "PERIDNUM",
        "STATE",
        "WSAL_VAL",
    ]


@pytest.mark.parametrize("encoding", ["latin-1", "ISO-8859-1", "cp1252", "utf-8", "utf-16"])
def test_letters_arrive_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    content = "name,b\nDoña Ana,1\n".encode(encoding)
    assert land(tmp_path, content, encoding=encoding) == [("Doña Ana", "1")]


GOOD = b"a,b\n1,2\n"
BAD_FILES = {
    "empty": (b"", "is empty"),
    "empty first line": (b"\na,b\n1,2\n", "is empty, or its first line is"),
    "web page": (b"<!DOCTYPE html><html>\n", "is a web page and not a table"),
    "wrong delimiter": (b"a;b;c\n1;2;3\n", "and 3 when split by ';'; say in the registry entry: "),
    "bars": (b"a|b\n1|2\n", "delimiter: '|'"),
    "tabs": (b"a\tb\n1\t2\n", r'delimiter: "\t"'),
    "no delimiter": (b"a b\n1 2\n", "line 1 is 1 column when split by ','; is it another kind"),
    "no name": (b"a,,b\n1,2,3\n", "line 1: column 2 has no name"),
    "a name twice": (b"a,b,A\n1,2,3\n", "line 1: column names come twice: A, a"),
    "no records": (b"a,b\n", "line 1 names columns and no record follows"),
    "short line": (GOOD + b"3\n", "line 3, '3', has 1 values where line 1 names 2 columns"),
    "cut short": (GOOD + b'3,"4', "line 3, '3,\"4', opens a quote that is not closed"),
    "long line": (GOOD + b"3,4,5\n", "line 3, '3,4,5', has 3 values where line 1 names 2"),
    "unquoted comma": (GOOD + b"Smith, J,5\n", "does a text that holds ',' lack its quotes?"),
    "open quote": (GOOD + b'3,"4\n5,6\n', "opens a quote that is not closed"),
    "very long line": (GOOD + b"3," + b"x" * 3_000_000 + b"\n", "line 3, '3,xxx"),
    "two line ends": (b"a,b\r\n1,2\n3,4\r\n", "line 2 ends in another way than line 1"),
    "Latin-1": (GOOD + "3,Doña\n".encode("latin-1"), "line 3, '3,Doña', is not UTF-8 text"),
    "Latin-1 at the end": (GOOD + "3,Doñ".encode("latin-1"), "encoding: latin-1"),
    "Latin-1 far down": (GOOD * 300_000 + "Doña,3\n".encode("latin-1"), "line 600,001, 'Doña,3'"),
    "Latin-1 header": ("a,ñ\n1,2\n".encode("latin-1"), "encoding: latin-1"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "encoding: utf-16"),
    "NUL": (GOOD + b"3,4\n5\x00,6\n", r"line 4, '5\x00,6', holds a NUL byte: it is damaged"),
    "block of NUL": (GOOD + b"\0" * 4096, "holds a NUL byte"),
}


@pytest.mark.parametrize("columns", [None, ["a"]], ids=["all", "some"])
@pytest.mark.parametrize("kind", ["raw.csv", "raw.csv.gz"])
@pytest.mark.parametrize("fault", BAD_FILES)
def test_what_is_no_table_is_refused_and_nothing_stays(
    tmp_path: Path, fault: str, kind: str, columns: list[str] | None
) -> None:
    content, complaint = BAD_FILES[fault]
    packed = gzip.compress(content) if kind.endswith(".gz") else content
    message = refusal(UnreadableFileError, lambda: land(tmp_path, packed, kind, only=columns))
    assert message.startswith(f"{tmp_path / kind}: ")
    assert complaint in message
    assert len(message) < 600
    assert left(tmp_path) == []


def test_the_line_is_right_far_down(tmp_path: Path) -> None:
    message = refusal(
        UnreadableFileError, lambda: land(tmp_path, b"a,b\n" + b"1,2\n" * 1_500_000 + b"3\n")
    )
    assert "line 1500002, '3'" in message.replace(",", "", 2)


def test_an_unknown_encoding_is_named(tmp_path: Path) -> None:
    message = refusal(UnreadableFileError, lambda: land(tmp_path, GOOD, encoding="ebcdic-9"))
    assert "unknown encoding: ebcdic-9" in message
    message = refusal(
        UnreadableFileError,
        lambda: land(tmp_path, GOOD + b"3,\x81\n", encoding="cp1252"),
    )
    assert "line 3 is no cp1252 text" in message


def test_some_columns_land_in_the_order_asked(tmp_path: Path) -> None:
    assert land(tmp_path, TEXT, only=["STATE", "H_SEQ"]) == [("06", "1"), ("36", "2")]
    source = tmp_path / "raw.csv"
    landed = csv_to_parquet(source, tmp_path / "landed" / "one.parquet", only=["WSAL_VAL"])
    assert landed == (2, 1)
    assert rows(tmp_path / "landed" / "one.parquet") == [("0",), (None,)]


def test_a_column_that_is_missing_is_named_with_the_three_nearest(tmp_path: Path) -> None:
    header = b"H_SEQ,WSAL_VAL,SEMP_VAL,FRSE_VAL,A_AGE\n1,2,3,4,5\n"
    message = refusal(
        UnreadableFileError, lambda: land(tmp_path, header, only=["a_age", "wsal_vl", "X"])
    )
    assert f"{tmp_path / 'raw.csv'}: line 1 lacks 2 of the columns that are read" in message
    nearest = message.partition("wsal_vl (nearest: ")[2].partition(")")[0].split(", ")
    assert nearest[0] == "WSAL_VAL"
    assert len(nearest) == 3
    assert "; X (nearest: " in message
    assert "a line of the crosswalk without source_column" in message


@settings(max_examples=25, deadline=None)
@given(
    table=st.lists(
        st.lists(
            st.one_of(
                st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8),
                st.from_regex(r"[0-9]{22}", fullmatch=True),
                st.sampled_from(["", "0", "-1", "007", '"', ",", "NA", "null", " x "]),
            ),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=30,
    )
)
def test_any_text_arrives_character_for_character(
    table: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("landing")

    def quote(value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    text = "a,b,c\n" + "".join(",".join(map(quote, line)) + "\n" for line in table)
    expected = [tuple(value or None for value in line) for line in table]
    assert land(folder, text.encode()) == expected
    assert land(folder, text.encode(), only=["c", "a"]) == [(c, a) for a, _, c in expected]


def test_rows_keep_their_order_over_many_groups(tmp_path: Path) -> None:
    count = 300_000
    text = "n,m\n" + "".join(f"{number},{number % 7}\n" for number in range(count))
    landed = land(tmp_path, text.encode())
    assert [int(row[0]) for row in landed] == list(range(count))
    assert pq.ParquetFile(tmp_path / "landed" / "table.parquet").num_row_groups == 3


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from steelyard.warehouse import files

    real = files.write_batches

    def die(batches, schema, path):
        real(batches, schema, path)
        print(path, flush=True)
        {end}
        return 1

    files.write_batches = die
    files.csv_to_parquet(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def child(folder: Path, end: str) -> subprocess.Popen[str]:
    program = textwrap.dedent(KILLED).format(end=end)
    arguments = [str(folder / "raw.csv"), str(folder / "landed" / "table.parquet")]
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_what_a_killed_landing_left_goes_at_the_next(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_bytes(TEXT)
    killed = child(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert len(left(tmp_path)) == 2  # a folder, and in it the table, unfinished
    csv_to_parquet(tmp_path / "raw.csv", tmp_path / "landed" / "other.parquet")
    assert left(tmp_path) == ["landed/other.parquet"]


def test_what_a_living_landing_writes_stays(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_bytes(TEXT)
    living = child(tmp_path, "sys.stdin.read()")
    assert living.stdout is not None
    unfinished = Path(living.stdout.readline().strip())
    csv_to_parquet(tmp_path / "raw.csv", tmp_path / "landed" / "other.parquet")
    assert unfinished.is_file()
    living.communicate()
    assert left(tmp_path) == ["landed/other.parquet", "landed/table.parquet"]


def test_a_full_disk_is_named_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("there is no /dev/full here to stand for a full disk")
    real = files.write_batches
    monkeypatch.setattr(
        files, "write_batches", lambda batches, schema, _: real(batches, schema, full)
    )
    message = refusal(NoSpaceError, lambda: land(tmp_path, TEXT * 20_000))
    assert f"no space left in {tmp_path / 'landed'}" in message
    assert "removed again" in message
    assert left(tmp_path) == []


def test_a_workplace_hides_no_other_fault(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), workplace(tmp_path) as place:
        (place / "begun").touch()
        raise PermissionError
    assert list(tmp_path.iterdir()) == []
