"""The door reads files as they come from spreadsheets and says where one cannot be read."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from facts_fixture import fact, vocabulary, write_facts

from steelyard.sources.facts import FactsError, read_facts
from steelyard.sources.facts_check import check_facts
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
    assert "is not UTF-8; save as `CSV UTF-8`" in refusal(folder)


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
    rewrite(folder, lambda text: text.replace(b"geography_level,geoid", b"geography_levle,value"))
    message = refusal(folder)
    assert "geography_levle 'geography_levle' is a column that facts do not have" in message
    assert "nearest: geography_level" in message
    assert f"{FILE}:1: geoid column is missing" in message
    assert "value 'value' column comes twice" in message


def test_no_file_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "seeds" / "facts").mkdir(parents=True)
    assert "holds no CSV file" in refusal(tmp_path / "seeds" / "facts")


def test_the_message_counts_what_it_does_not_show(tmp_path: Path) -> None:
    folder = write_facts(tmp_path, *(fact(fact_id=f"f{i}", geoid="6") for i in range(14)))
    problems = check_facts(read_facts(folder), vocabulary())
    message = str(FactsError(problems))
    assert message.startswith("facts: 27 problem(s) in 1 file(s); nothing was loaded\n")
    assert message.count(FILE) == 10 + message.count("that " + FILE)
    assert message.endswith("... and 17 more")


def test_a_hundred_thousand_facts_take_seconds(tmp_path: Path) -> None:
    rows = (
        fact(
            fact_id=f"f{index}",
            geography_level="state",
            geoid="06",
            constraints=f"{index} <= adjusted_gross_income < {index + 1}",
            value=str(1_000_000 + index),
        )
        for index in range(100_000)
    )
    folder = write_facts(tmp_path, *rows)
    start = time.process_time()
    assert check_facts(read_facts(folder), vocabulary()) == []
    assert time.process_time() - start < 12
