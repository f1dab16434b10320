"""Laws of fixed-width text: what is written by a layout is read back by it, in every dialect."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.sources.archive import ArchiveError
from steelyard.sources.demo.files import write_zip
from steelyard.sources.demo.fixed_width import Column, records, spss_setup, stata_setup
from steelyard.sources.fixed_width import LayoutError, land_fixed_width, parse_layout
from steelyard.warehouse.files import UnreadableFileError

SETUPS = {"spss": spss_setup, "stata": stata_setup}
NAMES = st.from_regex(r"[A-Z]{1,3}[0-9]{1,5}(F[0-9])?(_[1-9])?", fullmatch=True)


@st.composite
def files(draw: st.DrawFn) -> tuple[list[Column], dict[str, np.ndarray]]:
    """Columns of any widths, and records that fit them."""
    names = draw(st.lists(NAMES, min_size=1, max_size=12, unique=True))
    rows = draw(st.integers(1, 6))
    columns, values = [], {}
    for name in names:
        decimals = draw(st.integers(0, 3))
        width = draw(st.integers(decimals + 2, 10)) if decimals else draw(st.integers(1, 9))
        largest = 10 ** (width - decimals - 1) - 1 if decimals else 10**width - 1
        units = draw(st.lists(st.integers(0, largest), min_size=rows, max_size=rows))
        columns.append(Column(name, width, f"LABEL OF {name} 68 - 93", decimals))
        values[name] = np.array(units) / 10**decimals if decimals else np.array(units)
    return columns, values


def land(folder: Path, members: dict[str, bytes], layout: str) -> dict[str, list[str | None]]:
    """Zip members, land the zip, and return its columns."""
    raw = write_zip(folder / "fam1999er.zip", {name: [text] for name, text in members.items()})
    landed = folder / "landed.parquet"
    land_fixed_width(raw, landed, member=r"FAM1999ER\.txt", layout=layout, encoding="utf-8")
    return dict(pq.read_table(landed).to_pydict())


@settings(max_examples=60, deadline=None)
@given(files(), st.sampled_from(sorted(SETUPS)), st.booleans())
def test_what_is_written_is_read_back(
    file: tuple[list[Column], dict[str, np.ndarray]], dialect: str, windows: bool
) -> None:
    columns, values = file
    text = records(columns, values)
    rows = len(values[columns[0].name])
    setup = SETUPS[dialect]("FAM1999ER.txt", "1999 Family File", columns, rows)
    if windows:
        text, setup = text.replace(b"\n", b"\r\n"), setup.replace("\n", "\r\n")
    with TemporaryDirectory() as folder:
        members = {"x/FAM1999ER.txt": text, "x/FAM1999ER.set": setup.encode()}
        found = land(Path(folder), members, r".*\.set")
    assert list(found) == [column.name for column in columns]
    for column in columns:
        assert [float(text or "nan") for text in found[column.name]] == pytest.approx(
            values[column.name], abs=1e-9
        )


@given(files(), st.sampled_from(sorted(SETUPS)))
def test_positions_leave_no_character_out(
    file: tuple[list[Column], dict[str, np.ndarray]], dialect: str
) -> None:
    columns, _ = file
    layout = parse_layout(SETUPS[dialect]("A.txt", "A", columns, 12345), "A")
    assert layout.rows == 12345
    assert [(c.name, c.stop - c.start) for c in layout.columns] == [
        (column.name, column.width) for column in columns
    ]
    assert all(a.stop == b.start for a, b in zip(layout.columns, layout.columns[1:], strict=False))


SAS = """
/*   Label : 1968 Family Data: Final Release
   Rows            : 2
*/
DATA FAM1968 ;
   ATTRIB
      V1        LABEL="RELEASE NUMBER"       format=f1.
   ;
   INFILE '[PATH]\\FAM1999ER.txt' LRECL = 8 ;
   INPUT
      V1              1 - 1         V2  $         2 - 4       V3   5 - 8  .2
   ;
run ;
"""


def test_sas_and_implied_decimals_are_understood(tmp_path: Path) -> None:
    members = {"FAM1999ER.txt": b"1ab 1234\n2    -07\n", "FAM1999ER.sas": SAS.encode()}
    found = land(tmp_path, members, r"FAM1999ER\.sas")
    assert found == {"V1": ["1", "2"], "V2": ["ab", None], "V3": ["12.34", "-0.07"]}


COLUMNS = [Column("V1", 1), Column("V2", 4)]
SETUP = spss_setup("FAM1999ER.txt", "1999", COLUMNS, 2).encode()
LAYOUT = r"FAM1999ER\.sps"


@pytest.mark.parametrize(
    ("members", "error", "told"),
    [
        ({"FAM1999ER.txt": b"1   2\n1  \n", "FAM1999ER.sps": SETUP}, UnreadableFileError, "line 2"),
        (
            {"FAM1999ER.txt": b"1   2\n", "FAM1999ER.sps": SETUP},
            UnreadableFileError,
            "has 1 records",
        ),
        ({"FAM1999ER.txt": b"1   2\n"}, ArchiveError, "0 members match"),
        (
            {"FAM1999ER.txt": b"1   2\n1   2\n", "FAM1999ER.sps": b"no list here"},
            LayoutError,
            "no list of columns",
        ),
        (
            {
                "FAM1999ER.txt": b"1   2\n1   2\n",
                "FAM1999ER.sps": SETUP.replace(b"2 - 5", b"1 - 5"),
            },
            LayoutError,
            "V2 at 1-5 overlaps",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    tmp_path: Path, members: dict[str, bytes], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        land(tmp_path, members, LAYOUT)
    assert not list(tmp_path.glob("*.parquet"))


def test_a_text_with_its_layout_beside_it_needs_no_zip(tmp_path: Path) -> None:
    text = tmp_path / "FAM1999ER.txt"
    text.write_bytes(b"1   2\n1   3\n")
    typed_on_windows = SETUP.replace(b'""', b'"HEAD\x92S WAGES"')
    assert typed_on_windows != SETUP
    (tmp_path / "FAM1999ER.sps").write_bytes(typed_on_windows)
    landed = tmp_path / "out" / "landed.parquet"
    land_fixed_width(text, landed, member=r"FAM.*\.txt", layout=LAYOUT, encoding="utf-8")
    assert pq.read_table(landed).to_pydict() == {"V1": ["1", "1"], "V2": ["2", "3"]}


def test_a_value_too_wide_is_refused_by_the_writer() -> None:
    with pytest.raises(ValueError, match="V1: a value takes 2 characters"):
        records([Column("V1", 1)], {"V1": np.array([10])})
