"""The grammar of conditions, edge by edge."""

import math

import pytest

from steelyard.sources.facts_schema import Constraint, ConstraintError, parse_constraints

AFTER_ZERO = math.nextafter(0.0, math.inf)


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("x >= 65", 65.0, math.inf),
        ("x > 0", AFTER_ZERO, math.inf),
        ("x < 1", -math.inf, 1.0),
        ("x <= 17", -math.inf, math.nextafter(17.0, math.inf)),
        ("10000 <= x < 25000", 10000.0, 25000.0),
        ("0 < x <= 0.5", AFTER_ZERO, math.nextafter(0.5, math.inf)),
        ("-5 <= x < -1.5", -5.0, -1.5),
        ("  1<=x<2 ", 1.0, 2.0),
    ],
)
def test_bands_are_half_open(text: str, lower: float, upper: float) -> None:
    assert parse_constraints(text) == (Constraint("x", lower=lower, upper=upper),)


def test_alternatives_and_order_do_not_matter() -> None:
    one = parse_constraints("b = y|x; 1 <= a < 2")
    assert one == parse_constraints("1 <= a < 2;b = x|y")
    assert one[1].values == ("x", "y")


def test_a_code_keeps_its_zero() -> None:
    assert parse_constraints("state_fips = 06")[0].values == ("06",)


def test_no_condition_is_no_constraint() -> None:
    assert parse_constraints("") == ()


def test_an_operator_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(ConstraintError, match="one of = < <= > >="):
        parse_constraints("x ~ 5")
