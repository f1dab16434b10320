"""The door reads files as they come from spreadsheets and says where one cannot be read."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from facts_fixture import fact, vocabulary, write_facts

from steelyard.sources.facts import read_facts
from steelyard.sources.facts_check import check_facts
from steelyard.sources.facts_csv import read_records
from steelyard.sources.facts_problem import FactsError
from steelyard.sources.facts_schema import FACT_COLUMNS

FILE = "seeds/facts/irs_soi/wages.csv"


def rewrite(folder: Path, change: Callable[[bytes], bytes]) -> None:
    path = folder / "irs_soi" / "wages.csv"
    path.write_bytes(change(path.read_bytes()))


def refusal(folder: Path) -> str:
    with pytest.raises(FactsError) as caught:
        read_facts(folder)
    return str(caught.value)


def test_every_cell_is_text_and_knows_its_place(tmp_path: Path) -> None:
    facts = read_facts(write_facts(tmp_path, fact(), fact(fact_id="b", note="two\nlines"), fact()))
    assert facts.column_names == [*FACT_COLUMNS, "seed_file", "seed_line"]
    assert facts["value"].to_pylist() == ["9738950972000"] * 3
    assert facts["standard_error"].null_count == 3
    assert facts["seed_line"].to_pylist() == [2, 3, 5]
    assert set(facts["seed_file"].to_pylist()) == {FILE}


def test_a_spreadsheets_marks_and_spaces_carry_no_meaning(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, fact(), fact(fact_id="b"))
    plain = read_facts(folder)
    rewrite(folder, lambda text: b"\xef\xbb\xbf" + text.replace(b"IRS SOI", b" IRS SOI  "))
    assert read_facts(folder).equals(plain)
    rewrite(folder, lambda text: text.replace(b"\r\n", b"\n"))
    assert read_facts(folder).equals(plain)


def test_columns_may_come_in_any_order_and_rows_may_be_blank(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, fact())
    plain = read_facts(folder)
    cells = [fact()[column] for column in reversed(FACT_COLUMNS)]
    text = ",".join(reversed(FACT_COLUMNS)) + "\n" + ",".join(cells) + "\n" + "," * 19 + "\n\n"
    (folder / "irs_soi" / "wages.csv").write_text(text, encoding="utf-8")
    assert read_facts(folder).equals(plain)


def test_latin_1_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, fact(), fact(fact_id="b", note="Doña Ana"))
    rewrite(folder, lambda text: text.decode().encode("latin-1"))
    assert f"{FILE}:3: 'b,IRS SOI" in refusal(folder)
    assert "is not UTF-8; save as `CSV UTF-8 (comma delimited)`" in refusal(folder)


def test_a_row_of_another_width_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, fact(), fact(fact_id="b"))
    rewrite(folder, lambda text: text.replace(b"b,IRS SOI", b"b,one,more,IRS SOI"))
    assert f"{FILE}:3: 'b,one,more" in refusal(folder)
    assert "has 22 cells where the header has 20" in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"\n", (",".join(FACT_COLUMNS) + "\n").encode()])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = write_facts(tmp_path, fact())
    rewrite(folder, lambda _: content)
    assert f"{FILE}:1: is empty" in refusal(folder)


def test_missing_extra_and_double_columns_are_named(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, fact())
    rewrite(folder, lambda text: text.replace(b"geography_level,geoid", b"Geography Level,value"))
    message = refusal(folder)
    assert f"{FILE}:1: header 'Geography Level' is a column that facts do not have" in message
    assert "nearest: geography_level" in message
    assert f"{FILE}:1: header 'geoid' is missing" in message
    assert "and 1 more in column header" in message
    found = read_records("a.csv", b"value,value,,x\n1,2,3,4\n", ("value",))[2]
    assert [str(problem) for problem in found] == [
        "a.csv:1: column 3 has no name",
        "a.csv:1: header 'x' is a column that facts do not have; allowed: value",
        "a.csv:1: header 'value' comes twice",
    ]


HEADER = ",".join(FACT_COLUMNS)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (HEADER.replace(",", ";"), "has semicolons between its cells, where commas belong"),
        (HEADER.replace(",", "\t"), "has tabs between its cells, where commas belong"),
        (HEADER.upper(), f"is a header in capitals; write {HEADER}"),
        ("a,b,c", f"is not the header; the first line must be {HEADER}"),
    ],
)
def test_a_first_line_that_is_no_header_is_one_problem(
    tmp_path: Path, line: str, says: str
) -> None:
    folder = write_facts(tmp_path, fact())
    rewrite(folder, lambda text: line.encode() + b"\r\n" + text.split(b"\r\n", 1)[1])
    message = refusal(folder)
    assert message.startswith("facts: 1 problem in 1 file; nothing was loaded\n")
    assert f"{FILE}:1: {line[:60]!r} {says}" in message


def test_empty_columns_at_the_right_edge_carry_no_meaning(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, fact(), fact(fact_id="b"))
    plain = read_facts(folder)
    rewrite(folder, lambda text: text.replace(b"\r\n", b",,,\r\n"))
    assert read_facts(folder).equals(plain)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"value": "9,738,950"}, "a number has thousands separators, drop them"),
        ({"note": "wages, salaries"}, 'stands in straight quotes, "like, this"'),
    ],
)
def test_a_comma_too_many_is_explained(tmp_path: Path, cells: dict[str, str], says: str) -> None:
    folder = write_facts(tmp_path, fact(), fact(fact_id="b", **cells))
    rewrite(folder, lambda text: text.replace(b'"', b""))
    assert f"{FILE}:3: 'b,IRS SOI" in refusal(folder)
    assert says in refusal(folder)


def test_a_row_cut_short_is_explained(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, fact(), fact(fact_id="b"))
    rewrite(folder, lambda text: text[:-4])
    assert "has 19 cells where the header has 20; an empty cell still needs" in refusal(folder)


@pytest.mark.parametrize("length", [1, 5000])
def test_a_quote_that_is_never_closed_is_refused_with_its_line(tmp_path: Path, length: int) -> None:
    folder = write_facts(tmp_path, *(fact(fact_id=f"f{i}") for i in range(length)))
    rewrite(folder, lambda text: text.replace(b"f0,", b'f0,"', 1))
    assert f"{FILE}:2: " in refusal(folder)
    assert "is a quote opened and never closed?" in refusal(folder)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEADER.encode("utf-16"), "is UTF-16, Excel's `Unicode Text`; save as `CSV UTF-8"),
        (b"PK\x03\x04workbook", "is a workbook, not text; save as `CSV UTF-8"),
    ],
)
def test_what_is_no_text_is_said_so(tmp_path: Path, content: bytes, says: str) -> None:
    folder = write_facts(tmp_path, fact())
    rewrite(folder, lambda _: content)
    assert f"{FILE}:1: {says}" in refusal(folder)


@pytest.mark.parametrize("name", ["wages.CSV", "wages.csv.txt", "wages.xlsx", "wages"])
def test_a_file_that_would_not_be_read_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_facts(tmp_path, fact())
    (folder / "irs_soi" / name).write_text("anything")
    assert f"  seeds/facts/irs_soi/{name}: does not end in .csv; save it as" in refusal(folder)


def test_lock_files_and_notes_beside_facts_are_passed_over(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, fact())
    plain = read_facts(folder)
    for name in (".DS_Store", "~$wages.xlsx", ".~lock.wages.csv#", "README.md"):
        (folder / "irs_soi" / name).write_text("anything")
    assert read_facts(folder).equals(plain)


def test_no_file_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "seeds" / "facts").mkdir(parents=True)
    assert "holds no CSV file" in refusal(tmp_path / "seeds" / "facts")


def test_the_message_shows_three_of_a_kind_and_counts_the_rest(tmp_path: Path) -> None:
    rows = [fact(fact_id=f"f{i}", geoid="6", publisher="IRS") for i in range(14)]
    problems = check_facts(read_facts(write_facts(tmp_path, *rows)), vocabulary())
    message = str(FactsError(problems))
    assert message.startswith("facts: 41 problems in 1 file; nothing was loaded\n")
    assert message.count(f"  {FILE}") == 3 * 3
    assert f"  ... and 11 more in column geoid of {FILE}" in message
    assert f"  ... and 10 more in column value of {FILE}" in message


def test_many_kinds_of_problem_end_in_a_count(tmp_path: Path) -> None:
    for number in range(12):
        write_facts(tmp_path, fact(value="x"), name=f"f{number:02}.csv")
    problems = check_facts(read_facts(tmp_path / "seeds" / "facts"), vocabulary())
    values = [problem for problem in problems if "decimal" in problem.message]
    assert str(FactsError(values)).endswith("  ... and 2 more in 2 other columns")


def hundred_thousand() -> Iterator[dict[str, str]]:
    states = sorted(vocabulary().places["state"])
    for index in range(100_000):
        edge = index // len(states)
        yield fact(
            fact_id=f"f{index}",
            geography_level="state",
            geoid=states[index % len(states)],
            constraints=f"{edge} <= adjusted_gross_income < {edge + 1}",
            value=str(1_000_000 + index),
        )


def test_a_hundred_thousand_facts_take_seconds(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, *hundred_thousand())
    start = time.process_time()
    assert check_facts(read_facts(folder), vocabulary()) == []
    assert time.process_time() - start < 12


def test_a_hundred_thousand_wrong_facts_take_seconds_and_a_few_lines(tmp_path: Path) -> None:
    wrong = (
        row | {"geoid": row["geoid"].lstrip("0"), "constraints": f"agi_{row['fact_id']} = 1"}
        for row in hundred_thousand()
    )
    folder = write_facts(tmp_path, *wrong)
    start = time.process_time()
    message = str(FactsError(check_facts(read_facts(folder), vocabulary())))
    assert time.process_time() - start < 12
    assert len(message.splitlines()) == 1 + 2 * 4
    assert "... and 99,997 more in column constraints" in message
