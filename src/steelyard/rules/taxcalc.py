"""Federal income and payroll tax by Tax-Calculator (PSLmodels, CC0)."""

import csv
from functools import cache
from importlib import import_module, metadata, resources
from types import ModuleType
from typing import Any, Final

import numba
import numpy as np
import pandas as pd

from steelyard.rules.interface import RulesError

MARS: Final = {
    "single": 1,
    "joint": 2,
    "separate": 3,
    "head_of_household": 4,
    "surviving_spouse": 5,
}

# Our name of each amount, and Tax-Calculator's. Losses and refunds are negative.
OUTPUTS: Final = {
    "above_the_line_deductions": "c02900",
    "additional_medicare_tax": "ptax_amc",
    "adjusted_gross_income": "c00100",
    "alternative_minimum_tax": "c09600",
    "cdcc": "c07180",
    "charitable_deduction": "c19700",
    "ctc_nonrefundable": "c07220",
    "ctc_refundable": "c11070",
    "eitc": "eitc",
    "income_tax": "iitax",
    "income_tax_after_nonrefundable_credits": "c09200",
    "income_tax_before_credits": "c05800",
    "interest_deduction": "c19200",
    "itemized_deductions_if_itemizing": "c04470",
    "limited_state_and_local_taxes": "c18300",
    "medical_expense_deduction": "c17000",
    "net_investment_income_tax": "niit",
    "odc": "odc",
    "payroll_tax": "payrolltax",
    "qualified_business_income_deduction": "qbided",
    "self_employment_tax": "setax",
    "standard_deduction_if_not_itemizing": "standard",
    "taxable_income": "c04800",
    "taxable_social_security": "c02500",
}

# Compiling takes about 20 s; a unit takes 0.2 ms where nothing is compiled.
COMPILED_FROM: Final = 100_000


@cache
def mapping() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read which harmonised columns make which input: (input, columns to add up)."""
    text = (resources.files(__package__) / "taxcalc_mapping.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((row["input"], tuple(row["columns"].split("+"))) for row in rows)


class TaxCalculator:
    """Adapter to Tax-Calculator; the mapping of columns is ``taxcalc_mapping.csv``.

    Notes
    -----
    The first call of a process decides whether the engine compiles its functions: it does from
    ``COMPILED_FROM`` units on. Compiled or not, amounts are the same to the last bit. Compute all
    units of a build in one call.
    """

    @property
    def name(self) -> str:
        """The engine and its version."""
        return f"taxcalc {metadata.version('taxcalc')}"

    def __repr__(self) -> str:
        return self.name

    def compute(self, units: pd.DataFrame, *, year: int) -> pd.DataFrame:
        """Compute federal income tax, credits and payroll tax.

        Parameters
        ----------
        units
            One row a tax unit (see :class:`steelyard.rules.interface.RulesEngine`);
            ``filing_status`` and ``age_head`` must be known.
        year
            Calendar year of law and incomes, 2013 to 2036.

        Returns
        -------
        DataFrame with the index of ``units`` and the columns of ``OUTPUTS``, dollars a year.

        Raises
        ------
        RulesError
            If there are no units, a filing status or age is missing or unknown, or an amount is
            not finite: the message counts the rows and names the first three.
        """
        if units.empty:
            raise RulesError("taxcalc: no tax units to compute")
        inputs = _inputs(units, year)
        taxcalc = _load(len(units))
        records = taxcalc.Records(
            data=inputs,
            start_year=year,
            gfactors=None,
            weights=None,
            adjust_ratios=None,
        )
        calculator = taxcalc.Calculator(policy=taxcalc.Policy(), records=records, verbose=False)
        calculator.advance_to_year(year)
        calculator.calc_all()
        amounts = {ours: np.asarray(calculator.array(theirs)) for ours, theirs in OUTPUTS.items()}
        return pd.DataFrame(amounts, index=units.index)


def _load(unit_count: int) -> ModuleType:
    """Import the engine, which decides on its import whether it compiles."""
    before = numba.config.DISABLE_JIT
    numba.config.DISABLE_JIT = before or unit_count < COMPILED_FROM
    try:
        return import_module("taxcalc")
    finally:
        numba.config.DISABLE_JIT = before


def _inputs(units: pd.DataFrame, year: int) -> pd.DataFrame:
    status = units["filing_status"].map(MARS)
    _refuse(units, status.isna(), f"filing_status is none of {', '.join(MARS)}")
    _refuse(units, units["age_head"].isna(), "age_head is not known")
    special: dict[str, Any] = {"@year": year, "@filing_status": status.astype(int)}
    columns: dict[str, Any] = {"RECID": np.arange(1, len(units) + 1)}
    for name, parts in mapping():
        if parts[0] in special:
            columns[name] = special[parts[0]]
            continue
        known = [units[part].astype(float).fillna(0) for part in parts if part in units]
        total = np.sum(known, axis=0) if known else np.zeros(len(units))
        _refuse(units, pd.Series(~np.isfinite(total), units.index), f"{name} is not finite")
        columns[name] = total
    inputs = pd.DataFrame(columns).reset_index(drop=True)
    joint = inputs["MARS"] == MARS["joint"]
    for name in ("age_spouse", "blind_spouse", "e00200s", "e00900s", "e02100s"):
        _refuse(
            units,
            pd.Series((~joint & (inputs[name] != 0)).to_numpy(), units.index),
            f"{name} is not zero though the unit does not file jointly",
        )
    dollars = {name for name, _ in mapping() if name[0] in "ep" and name[1:4].isdigit()}
    integers = [name for name in columns if name not in dollars]
    return inputs.astype(dict.fromkeys(integers, int))


def _refuse(units: pd.DataFrame, wrong: "pd.Series[bool]", why: str) -> None:
    if wrong.any():
        shown = ", ".join(str(key) for key in units.index[wrong.to_numpy()][:3])
        raise RulesError(f"taxcalc: {int(wrong.sum())} of {len(units)} tax units: {why}: {shown} …")
