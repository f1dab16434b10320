"""A code that a list does not have fails a data test that says which, and where it is found."""

import re
from pathlib import Path

import duckdb
import jinja2
import pytest

TEST = Path(__file__).resolve().parents[1] / "data" / "generic" / "code_is_listed.sql"


def rendered(**arguments: object) -> str:
    """Render the generic test as dbt would: its block is a macro under another name."""
    text = re.sub(r"{% (end)?test ", r"{% \1macro ", TEST.read_text(encoding="utf-8"))
    text = text.replace("{% endtest %}", "{% endmacro %}")
    module = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text).module
    return str(module.code_is_listed("records", "race_code", "races", "person_id", **arguments))


BEYOND = [("d", "race_code", 27, 2, 101), ("e", "race_code", 27, 1, 5)]
NOT_ASKED = ("d", "race_code", -1, 1, 4)


@pytest.mark.parametrize(
    ("arguments", "expected"), [({}, [NOT_ASKED, *BEYOND]), ({"not_asked": [-1, 0]}, BEYOND)]
)
def test_unknown_codes_are_named_with_a_record_that_has_them(arguments, expected) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table races as select unnest([1, 2, 26, 26]) as code")
        connection.execute("""
            create table records as
            select * from (
                values ('d', 1, 3), ('d', 27, 102), ('d', 27, 101), ('d', -1, 4), ('d', null, 5),
                    ('e', 27, 5), ('e', 26, 6)
            ) as records (dataset_id, race_code, person_id)
        """)
        assert sorted(connection.execute(rendered(**arguments)).fetchall()) == expected
