"""What `var('holdout')` may say, and how anything else is refused."""

from typing import Any

import jinja2
import pytest
from facts_fixture import ROOT


class RefusedError(Exception):
    """Stands for dbt's compiler error."""


class Exceptions:
    """Stands for dbt's `exceptions`."""

    @staticmethod
    def raise_compiler_error(message: str) -> None:
        raise RefusedError(message)


def judge(holdout: Any) -> str:
    """Render the macro as a run of dbt would."""
    known = {"var": lambda _: holdout, "execute": True, "exceptions": Exceptions}
    text = (ROOT / "macros" / "refuse_unknown_holdout.sql").read_text(encoding="utf-8")
    called = text + "{{ refuse_unknown_holdout() }}"
    return jinja2.Environment(autoescape=True).from_string(called, known).render()


@pytest.mark.parametrize(
    "holdout",
    [
        None,
        {"family": "irs_soi/publication_1304_table_2_5"},
        {"state": "06"},
        {"fold": 3},
        {"single": 0.1},
    ],
)
def test_a_possible_hold_out_renders_to_nothing(holdout: Any) -> None:
    assert judge(holdout).strip() == ""


@pytest.mark.parametrize(
    ("holdout", "said"),
    [
        ("06", "is no hold-out; give nothing, or one of"),
        ({"county": "06037"}, "is no hold-out"),
        ({"fold": 1, "state": "06"}, "is no hold-out"),
        ({"fold": 6}, "fold cannot be 6; .* a fold 1 to 5"),
        ({"state": 6}, "state cannot be 6; .* two digits as text"),
        ({"single": 10}, "single cannot be 10; .* between 0 and 1"),
        ({"family": 4}, "family cannot be 4"),
    ],
)
def test_any_other_hold_out_is_refused(holdout: Any, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        judge(holdout)
