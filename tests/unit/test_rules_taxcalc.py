"""The tax engine gets what its variables mean; its answers are those of the law, by hand."""

import csv
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml

from steelyard.rules import RulesError, TaxCalculator, compute_units
from steelyard.rules.taxcalc import MARS, OUTPUTS, mapping

ROOT = Path(__file__).resolve().parents[2]
# Found, not imported: the engine's first call decides whether it compiles.
(ENGINE,) = map(Path, getattr(find_spec("taxcalc"), "submodule_search_locations", None) or [])
VARIABLES = json.loads((ENGINE / "records_variables.json").read_text(encoding="utf-8"))
COMPILED = """
import sys
import pandas as pd
from steelyard.rules import TaxCalculator, taxcalc
taxcalc.COMPILED_FROM = 1
TaxCalculator().compute(pd.read_parquet(sys.argv[1]), year=2022).to_parquet(sys.argv[2])
from taxcalc.calcfunctions import EITCamount
print(type(EITCamount).__module__)
"""


def unit(status: str = "single", **changes: float) -> dict[str, Any]:
    joint = status == "joint"
    plain = {"age_head": 40, "age_spouse": 40 if joint else 0, "n_members": 2 if joint else 1}
    return {"filing_status": status, **plain, **changes}


RETIRED = {"age_head": 67}
CHILDREN = {"n_members": 4, "ctc_children": 2, "n_under_18": 2, "eitc_children": 2}

# 2022: Rev. Proc. 2021-45 (brackets, standard deductions, EITC), OASDI base 147,000.
BY_HAND: list[tuple[str, dict[str, Any], dict[str, float]]] = [
    (
        "wages of 50,000",
        unit(employment_income_head=50_000),
        {
            "adjusted_gross_income": 50_000,
            "standard_deduction_if_not_itemizing": 12_950,
            "taxable_income": 37_050,
            "income_tax_before_credits": 0.10 * 10_275 + 0.12 * (37_050 - 10_275),
            "income_tax": 4_240.5,
            "payroll_tax": 0.153 * 50_000,
        },
    ),
    (
        "wages above the OASDI base",
        unit(employment_income_head=250_000),
        {
            "additional_medicare_tax": 0.009 * 50_000,
            "payroll_tax": 0.124 * 147_000 + 0.029 * 250_000 + 0.009 * 50_000,
        },
    ),
    (
        "self-employment",
        unit(self_employment_income_head=20_000),
        {
            "self_employment_tax": 0.153 * 0.9235 * 20_000,
            "adjusted_gross_income": 20_000 - 0.5 * 0.153 * 0.9235 * 20_000,
        },
    ),
    (
        "benefits of 24,000 and 30,000 more",
        unit(**RETIRED, social_security=24_000, taxable_interest_income=30_000),
        {"taxable_social_security": 11_300, "adjusted_gross_income": 41_300},
    ),
    (
        "joint benefits of 30,000 and 22,000 more",
        unit("joint", **RETIRED, social_security=30_000, taxable_interest_income=22_000),
        {"taxable_social_security": 2_500, "adjusted_gross_income": 24_500},
    ),
    (
        "benefits of 17,700 and 1,500 more",
        unit(**RETIRED, social_security=17_700, taxable_interest_income=1_500),
        {"taxable_social_security": 0, "adjusted_gross_income": 1_500},
    ),
    (
        "joint filers with two children",
        unit("joint", **CHILDREN, employment_income_head=60_000, employment_income_spouse=40_000),
        {
            "taxable_income": 74_100,
            "income_tax_before_credits": 0.10 * 20_550 + 0.12 * (74_100 - 20_550),
            "ctc_nonrefundable": 4_000,
            "ctc_refundable": 0,
            "eitc": 0,
            "income_tax": 8_481 - 4_000,
        },
    ),
    (
        "little pay and two children",
        unit("head_of_household", **CHILDREN, employment_income_head=15_410),
        {
            "eitc": 6_164,
            "income_tax_before_credits": 0,
            "ctc_refundable": 0.15 * (15_410 - 2_500),
            "income_tax": -6_164 - 0.15 * (15_410 - 2_500),
        },
    ),
    (
        "gains and dividends at 0 and 15 percent",
        unit(long_term_capital_gains=50_000, qualified_dividend_income=12_950),
        {"taxable_income": 50_000, "income_tax": 0.15 * (50_000 - 41_675)},
    ),
    (
        "interest of 300,000",
        unit(taxable_interest_income=300_000),
        {"net_investment_income_tax": 0.038 * 100_000},
    ),
    ("nothing at all", unit(), {"adjusted_gross_income": 0, "income_tax": 0, "payroll_tax": 0}),
]


def anything(count: int) -> pd.DataFrame:
    """Units with a little of every kind of income and cost, or a lot, or nothing."""
    random = np.random.default_rng(6)
    is_joint = random.random(count) < 0.5
    others = random.choice(sorted(MARS.keys() - {"joint"}), count)
    units = pd.DataFrame({"filing_status": np.where(is_joint, "joint", others)})
    for name, parts in mapping():
        for part in parts:
            amount = random.lognormal(9, 2, count) * (random.random(count) < 0.3)
            if not VARIABLES["read"][name]["type"].startswith("float"):
                amount = np.floor(random.uniform(0, 90 if "age" in name else 2, count))
            if not part.startswith("@"):
                units[part] = amount * (is_joint | (not part.endswith("_spouse")))
    units["n_members"] = 1 + is_joint + random.integers(0, 4, count)
    units["taxable_pension_income"] = np.floor(units["total_pension_income"] / 2)
    return units


@pytest.fixture(scope="module")
def amounts() -> pd.DataFrame:
    units = pd.DataFrame([described for _, described, _ in BY_HAND])
    units.insert(0, "tax_unit_id", [name for name, _, _ in BY_HAND])
    table = pa.Table.from_pandas(units, preserve_index=False)
    computed = compute_units(table, TaxCalculator(), key="tax_unit_id", year=2022)
    return computed.to_pandas().set_index("tax_unit_id")


@pytest.mark.parametrize(("name", "expected"), [(name, want) for name, _, want in BY_HAND])
def test_amounts_are_those_of_the_law(
    amounts: pd.DataFrame, name: str, expected: dict[str, float]
) -> None:
    assert {key: amounts.loc[name, key] for key in expected} == pytest.approx(expected, abs=0.01)


def test_every_unit_has_every_amount_and_the_engine_is_named(amounts: pd.DataFrame) -> None:
    assert list(amounts.index) == [name for name, _, _ in BY_HAND]
    assert list(amounts.columns) == [*OUTPUTS, "rules_engine"]
    assert np.isfinite(amounts[list(OUTPUTS)].to_numpy()).all()
    assert set(amounts["rules_engine"]) == {TaxCalculator().name}


def test_compiled_or_not_the_amounts_are_the_same(tmp_path: Path) -> None:
    units = anything(1000)
    units.to_parquet(tmp_path / "units.parquet")
    command = [sys.executable, "-W", "ignore", "-c", COMPILED]
    done = subprocess.run(
        [*command, tmp_path / "units.parquet", tmp_path / "amounts.parquet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("numba."), "the engine did not compile"
    interpreted = TaxCalculator().compute(units, year=2022)
    assert ((interpreted != 0).sum() > 10).all(), "what is zero everywhere proves little"
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "amounts.parquet"), interpreted, check_exact=True
    )


def test_the_engine_knows_every_variable_that_is_asked_or_told() -> None:
    assert {name for name, _ in mapping()} <= VARIABLES["read"].keys()
    assert set(OUTPUTS.values()) <= VARIABLES["read"].keys() | VARIABLES["calc"].keys()
    required = {name for name, about in VARIABLES["read"].items() if about.get("required")}
    assert required <= {name for name, _ in mapping()} | {"RECID"}


def test_every_column_that_is_mapped_is_one_of_the_tax_units() -> None:
    described = yaml.safe_load(
        (ROOT / "models" / "harmonized" / "_int_tax_unit__models.yml").read_text(encoding="utf-8")
    )
    columns = {
        column["name"] for model in described["models"] for column in model.get("columns", [])
    }
    asked = {part for _, parts in mapping() for part in parts if not part.startswith("@")}
    assert sorted(asked - columns) == []


def test_parts_and_totals_of_a_variable_are_told_alike() -> None:
    parts = dict(mapping())
    for total in ("e00200", "e00900", "e02100"):
        assert parts[total] == parts[f"{total}p"] + parts[f"{total}s"]


def test_statuses_are_those_of_the_code_list() -> None:
    with (ROOT / "seeds" / "params" / "params_filing.csv").open(encoding="utf-8") as file:
        assert {row["filing_status"] for row in csv.DictReader(file)} == set(MARS)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"filing_status": "married"}, "filing_status is none of single, joint"),
        ({"filing_status": None}, "filing_status is none of single, joint"),
        ({"age_head": None}, "age_head is not known"),
        ({"employment_income_head": float("inf")}, "e00200p is not finite"),
        ({"age_spouse": 30}, "age_spouse is not zero though the unit does not file jointly"),
        ({"employment_income_spouse": 1}, "e00200s is not zero though the unit does not"),
    ],
)
def test_units_that_the_law_cannot_take_are_counted_and_named(
    wrong: dict[str, Any], complaint: str
) -> None:
    units = pd.DataFrame([unit(), *(unit() | wrong for _ in range(4))], index=list("abcde"))
    with pytest.raises(RulesError) as caught:
        TaxCalculator().compute(units, year=2022)
    assert f"4 of 5 tax units: {complaint}" in str(caught.value)
    assert "b, c, d …" in str(caught.value)


def test_no_units_are_refused() -> None:
    with pytest.raises(RulesError, match="no tax units"):
        TaxCalculator().compute(pd.DataFrame({"filing_status": []}), year=2022)
