"""What `var('tax_unit_mode')` may say, and how anything else is refused."""

import csv

import jinja2
import pytest
from model_sql import ROOT

MACRO = (ROOT / "macros" / "tax_unit_mode.sql").read_text(encoding="utf-8")


class RefusedError(Exception):
    """Stands for dbt's compiler error."""


class Exceptions:
    """Stands for dbt's `exceptions`."""

    @staticmethod
    def raise_compiler_error(message: str) -> None:
        raise RefusedError(message)


def rendered(mode: str) -> str:
    known = {"var": lambda _: mode, "execute": True, "exceptions": Exceptions}
    called = MACRO + "{{ tax_unit_mode() }}"
    return jinja2.Environment(autoescape=True).from_string(called, known).render().strip()


def test_every_mode_with_a_row_is_known() -> None:
    with (ROOT / "seeds" / "params" / "params_tax_unit_mode.csv").open(encoding="utf-8") as lines:
        modes = [row["mode"] for row in csv.DictReader(lines)]
    assert modes == ["rules", "census"]
    assert [rendered(mode) for mode in modes] == modes


def test_anything_else_stops_the_build() -> None:
    with pytest.raises(RefusedError, match=r"'survey' is no way to form tax units.*rules, census"):
        rendered("survey")
