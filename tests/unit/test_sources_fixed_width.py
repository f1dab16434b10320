"""Layouts are read as SPSS and Stata read them, and lines are cut where the layout says."""

import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sources_fixture import refusal, rows

from steelyard.sources.fixed_width import (
    Field,
    LayoutError,
    fixed_width_to_parquet,
    parse_layout,
    read_layout,
)
from steelyard.warehouse.files import UnreadableFileError

SPSS = """\
**************************************************************************
   Label : 1968-2021 cross-year individual file. Don't edit.
   Rows  : 3
**************************************************************************.
FILE HANDLE PSID / NAME = 'C:\\data/psid\\IND.TXT' LRECL = 14 .
DATA LIST FILE = PSID FIXED /
      ER30000         1 - 1           ER30001         2 - 5     /* the 1968 interview */
      ER30002         6 - 8           ER30003         9 - 9
      ER30004        10 - 14 (2)
.
EXECUTE .
VARIABLE LABELS
   ER30000     "RELEASE NUMBER"
   ER30001     "1968 INTERVIEW NUMBER / HEAD'S" .
MISSING VALUES ER30003 (9) .
"""
STATA = """\
#delimit ;
**************************************************************************;
* Label : don't edit ;
clear ;
infix
      byte ER30000         1 - 1     long ER30001         2 - 5   // interview
      ER30002         6 - 8          str1 ER30003         9       ///
      double ER30004        10-14
using [path]\\IND.txt, clear
;
label variable ER30000 "RELEASE NUMBER" ;
"""
FIELDS = [
    Field("ER30000", 1, 1),
    Field("ER30001", 2, 5),
    Field("ER30002", 6, 8),
    Field("ER30003", 9, 9),
    Field("ER30004", 10, 14, 2),
]
LINES = b"1   4  11 1234\n1   41725    7\n1  39  3   -15\n"
CUT = [
    ("1", "4", "1", "1", "12.34"),
    ("1", "4", "172", "5", "0.07"),
    ("1", "39", "3", None, "-0.15"),
]


def land(folder: Path, content: bytes, name: str = "IND.txt", **how: Any) -> list[tuple[Any, ...]]:
    (folder / name).write_bytes(content)
    fields = how.pop("fields", FIELDS)
    fixed_width_to_parquet(folder / name, folder / "landed" / "table.parquet", fields, **how)
    return rows(folder / "landed" / "table.parquet")


def test_an_spss_layout_is_read(tmp_path: Path) -> None:
    (tmp_path / "IND.sps").write_text(SPSS)
    assert read_layout(tmp_path / "IND.sps") == FIELDS
    assert read_layout(tmp_path / "IND.sps")[1].name == "ER30001"


def test_a_stata_layout_is_read_and_knows_no_decimals(tmp_path: Path) -> None:
    (tmp_path / "IND.do").write_text(STATA)
    assert read_layout(tmp_path / "IND.do") == [*FIELDS[:-1], Field("ER30004", 10, 14)]


@pytest.mark.parametrize(
    ("written", "decimals"),
    [("", 0), ("(A)", 0), ("(A5)", 0), ("( 3 )", 3), ("(F8.2)", 2), ("(F8)", 0), ("(N5)", 0)],
)
def test_formats_behind_a_position(written: str, decimals: int) -> None:
    text = f"DATA LIST FILE = X FIXED RECORDS = 1 /1 V1 1 - 5 {written} V2 6\n."
    assert parse_layout(text, Path("x.sps")) == [Field("V1", 1, 5, decimals), Field("V2", 6, 6)]


@pytest.mark.parametrize(
    ("kind", "text", "complaint"),
    [
        ("sps", "EXECUTE.\n", "holds no `DATA LIST ... / name start - end ... .`"),
        ("sps", SPSS.partition("EXECUTE")[0].rstrip(".\n"), "holds no `DATA LIST"),
        ("do", "clear ;\n", "holds no `infix ... using`"),
        ("txt", SPSS, "is neither an SPSS program (.sps) nor one of Stata's (.do)"),
        ("sps", "DATA LIST FILE = X /\n.\n", "lists no column; is it cut short?"),
        ("sps", "DATA LIST FREE /\n V1 V2\n.\n", "line 2: 'V1 V2' is no column"),
        ("sps", "DATA LIST / V1 1-4\n / V2 1-3\n.\n", "line 2: '/ V2 1-3' is no column"),
        ("sps", "DATA LIST / V1 TO V3 1-3\n.\n", "line 1: 'V1 TO V3 1-3' is no column"),
        ("sps", "DATA LIST / V1 1-8 (DATE)\n.\n", "line 1: 'V1 1-8 (DATE)' is no column"),
        ("do", "infix 2 lines 1: V1 1-4 using x", "line 1: '2 lines 1: V1 1-4' is no column"),
        ("do", "infix V1 1-4 2: V2 1-3 using x", "'2: V2 1-3' is no column"),
        ("sps", "DATA LIST / V1 1-4\n v1 5-6\n.\n", "column v1 comes twice, at 1 - 4 and at 5 - 6"),
        ("sps", "DATA LIST / V1 5-4\n.\n", "column V1 goes from 5 to 4"),
        ("do", "infix V1 0-4 using x", "column V1 goes from 0 to 4; positions count from 1"),
        ("sps", SPSS.replace("LRECL = 14", "LRECL = 8165"), "a record has 8,165 characters, and"),
    ],
)
def test_a_layout_that_is_not_understood_is_refused(kind: str, text: str, complaint: str) -> None:
    path = Path(f"IND.{kind}")
    message = refusal(LayoutError, parse_layout, text, path)
    assert message.startswith(f"{path}: ")
    assert complaint in message


def test_lines_are_cut_as_the_layout_says(tmp_path: Path) -> None:
    assert land(tmp_path, LINES) == CUT
    assert land(tmp_path, LINES.replace(b"\n", b"\r\n")) == CUT
    assert land(tmp_path, LINES.rstrip(b"\n")) == CUT
    assert land(tmp_path, gzip.compress(LINES), "IND.txt.gz") == CUT
    some = land(tmp_path, LINES, columns=["ER30004", "ER30001"])
    assert some == [(line[4], line[1]) for line in CUT]


def test_accents_take_one_place(tmp_path: Path) -> None:
    lines = "Ñañ1\nabc2\n"
    fields = [Field("name", 1, 3), Field("code", 4, 4)]
    cut = [("Ñañ", "1"), ("abc", "2")]
    assert land(tmp_path, lines.encode(), fields=fields) == cut
    assert land(tmp_path, lines.encode("latin-1"), fields=fields, encoding="latin-1") == cut


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (LINES + b"1   4\n", "line 4 has 5 characters where the layout has 14. Is the file cut"),
        (LINES[:20], "line 2 has 5 characters where the layout has 14"),
        (LINES.replace(b"\n", b"\n\n", 1), "line 2 has 0 characters where the layout has 14"),
        (
            LINES + b"1   4  11 123456\n",
            "line 4 has 16 characters where the layout has 14. Is it an",
        ),
        (LINES + b"1   4  11 \x00\x00\x00\x00\n", "line 4, "),
        ("1   4  11 123é\n".encode("latin-1"), "is not UTF-8 text"),
    ],
)
def test_a_line_that_does_not_fit_is_named_and_nothing_stays(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    message = refusal(UnreadableFileError, lambda: land(tmp_path, content))
    assert message.startswith(f"{tmp_path / 'IND.txt'}: ")
    assert complaint in message
    assert not list((tmp_path / "landed").rglob("*"))


def test_blanks_behind_the_last_column_are_no_fault(tmp_path: Path) -> None:
    assert land(tmp_path, LINES.replace(b"\n", b"   \n")) == CUT


def test_the_line_is_right_far_down(tmp_path: Path) -> None:
    message = refusal(
        UnreadableFileError, lambda: land(tmp_path, LINES * 100_000 + b"short\n" + LINES)
    )
    assert "line 300,001 has 5 characters" in message


def test_a_column_that_the_layout_lacks_is_named_with_the_nearest(tmp_path: Path) -> None:
    message = refusal(
        UnreadableFileError, lambda: land(tmp_path, LINES, columns=["ER30001", "ER3000"])
    )
    assert "has 5 columns and lacks ER3000 (nearest: ER3000" in message


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_columns_put_together_are_the_line(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the widths: cut by the layout, values are what was laid down."""
    widths = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=12))
    value = st.sampled_from(["", "0", "7", "12", "-3", ".", "999999"])
    table = data.draw(
        st.lists(st.tuples(*(value for _ in widths)), min_size=1, max_size=9).map(
            lambda lines: [
                tuple(
                    text if len(text) <= size else "9" * size
                    for text, size in zip(line, widths, strict=True)
                )
                for line in lines
            ]
        )
    )
    specs, place = [], 1
    for number, size in enumerate(widths):
        specs.append(f"V{number} {place} - {place + size - 1}")
        place += size
    layout = parse_layout(f"DATA LIST FILE = X /\n{chr(10).join(specs)}\n.", Path("x.sps"))
    text = "".join(
        "".join(value.rjust(size) for value, size in zip(line, widths, strict=True)) + "\n"
        for line in table
    )
    folder = tmp_path_factory.mktemp("fixed")
    landed = land(folder, text.encode(), fields=layout)
    assert landed == [tuple(value or None for value in line) for line in table]


@given(number=st.integers(-99_999, 999_999), decimals=st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_an_unwritten_point_is_put_where_it_belongs(
    number: int, decimals: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fixed")
    fields = [Field("amount", 1, 6, decimals)]
    ((landed,),) = land(folder, f"{number:>6}\n".encode(), fields=fields)
    assert landed == f"{Decimal(number).scaleb(-decimals):f}"
    ((kept,),) = land(folder, b"1234.5\n", fields=fields)
    assert kept == "1234.5"
