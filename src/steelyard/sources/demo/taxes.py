"""A small tax model that fills the Census tax columns consistently.

Synthetic by intention: a plain reading of the 2022 law on the CPS's own amounts (standard
deduction for all, no itemising, one state rate), so that the columns obey their identities.
Nothing downstream may treat it as the truth about tax.
"""

import numpy as np

from steelyard.sources.demo.anchors import column, table
from steelyard.sources.demo.draws import Columns, Floats, Ints, total

SINGLE, JOINT, HEAD_OF_HOUSEHOLD = 0, 1, 2
STATUSES = ("single", "joint", "head")
STATE_RATE = 0.04
OASDI_BASE = 147_000.0


def self_employment_tax(person: Columns) -> Floats:
    """Self-employment tax of each person (n,), 2022."""
    profit = np.maximum(person["SEMP_VAL"] + person["FRSE_VAL"], 0.0) * 0.9235
    room = np.maximum(OASDI_BASE - person["WSAL_VAL"], 0.0)
    return np.asarray(0.124 * np.minimum(profit, room) + 0.029 * profit)


def payroll_tax(person: Columns) -> Floats:
    """Employee payroll tax plus self-employment tax of each person (n,), whole dollars."""
    wage = person["WSAL_VAL"]
    own = 0.062 * np.minimum(wage, OASDI_BASE) + 0.0145 * wage
    return np.asarray(np.round(own + self_employment_tax(person)))


def taxes(person: Columns, unit_head: Ints, claimer: Ints, state: Ints) -> Columns:
    """Fill the tax columns of each person; a couple's amounts stand on its head.

    Parameters
    ----------
    person
        Members with incomes under their CPS names, `age`, `spouse`, `disabled`.
    unit_head, claimer
        (n,) positions, from `units.tax_units`; claimed persons file for themselves.
    state
        (n,) row of the states anchor.

    Returns
    -------
    dict of arrays of shape (n,)
        AGI, TAX_INC, FEDTAX_BC, FEDTAX_AC, EIT_CRED, CTC_CRD, ACTC_CRD, STATETAX_B,
        STATETAX_A, MARG_TAX, FICA, FILESTAT. With FEDTAX_AC = FEDTAX_BC - EIT_CRED - ACTC_CRD.
    """
    index = np.arange(len(unit_head))
    filer = np.where(claimer >= 0, index, unit_head)
    dependants = _dependants(person, unit_head, claimer)
    status = np.where(
        person["spouse"] >= 0, JOINT, np.where(dependants["any"] > 0, HEAD_OF_HOUSEHOLD, SINGLE)
    )
    income = _income(person, filer, claimer, status)
    agi, taxable = income["AGI"], income["TAX_INC"]
    tax, rate = _bracket_tax(taxable, status)
    credit = _credits(person, income, dependants, status, np.round(tax))
    alone = (claimer < 0) & (filer == index)
    eitc = np.where(alone, credit["EIT_CRED"], 0.0)
    refundable = np.where(alone, credit["ACTC_CRD"], 0.0)
    files = (filer == index) & (person["age"] >= 15)
    files &= (agi > np.minimum(income["deduction"], 12_950)) | (eitc > 0) | (refundable > 0)
    before = np.round(tax) - credit["CTC_CRD"]
    state_tax = np.round(STATE_RATE * taxable * column("states", "has_income_tax")[state])
    filled = {
        "AGI": agi,
        "TAX_INC": taxable,
        "FEDTAX_BC": before,
        "EIT_CRED": eitc,
        "CTC_CRD": credit["CTC_CRD"],
        "ACTC_CRD": refundable,
        "FEDTAX_AC": before - eitc - refundable,
        "STATETAX_B": state_tax,
        "STATETAX_A": state_tax - np.round(0.05 * eitc) * (state_tax > 0),
        "MARG_TAX": np.round(100 * rate) * (taxable > 0),
    }
    found: Columns = {name: np.where(files, values, 0.0) for name, values in filled.items()}
    found["FICA"] = payroll_tax(person)
    code = _filing_status(status, income["elderly"], claimer)
    found["FILESTAT"] = np.where(files[filer], code[filer], 6)
    return found


def _income(person: Columns, filer: Ints, claimer: Ints, status: Ints) -> Columns:
    """AGI and taxable income of each filer (n,); zero where a person heads no return."""
    count = len(filer)
    benefit = total(person["SS_VAL"], filer, count)
    wages = total(person["WSAL_VAL"], filer, count)
    profit = total(np.maximum(person["SEMP_VAL"] + person["FRSE_VAL"], 0.0), filer, count)
    other = total(_taxable(person) - 0.5 * self_employment_tax(person), filer, count)
    agi = np.round(other + _taxable_benefits(benefit, other, status))
    elderly = total(person["age"] >= 65, filer, count)
    own = column("tax_rules_2022", "standard_deduction")[status]
    own = own + elderly * column("tax_rules_2022", "aged_addition")[status]
    deduction = np.where(claimer >= 0, np.clip(wages + 400, 1150, 12_950), own)
    return {
        "AGI": agi,
        "TAX_INC": np.round(np.maximum(agi - deduction, 0.0)),
        "deduction": deduction,
        "elderly": elderly,
        "earned": wages + profit,
    }


def _credits(
    person: Columns, income: Columns, dependants: Columns, status: Ints, tax: Floats
) -> Columns:
    """Child credit against tax and refunded, and the earned income credit, each (n,)."""
    limit = column("tax_rules_2022", "credit_phaseout")[status]
    possible = 2000 * dependants["under_17"] + 500 * dependants["older"]
    possible = np.maximum(possible - 0.05 * np.maximum(income["AGI"] - limit, 0.0), 0.0)
    credit = np.minimum(np.round(possible), tax)
    refund = np.minimum(
        0.15 * np.maximum(income["earned"] - 2500, 0.0), 1500 * dependants["under_17"]
    )
    return {
        "CTC_CRD": credit,
        "ACTC_CRD": np.round(np.minimum(refund, np.maximum(possible - credit, 0.0))),
        "EIT_CRED": _eitc(income["earned"], income["AGI"], dependants["eitc"], status, person),
    }


def _filing_status(status: Ints, elderly: Floats, claimer: Ints) -> Ints:
    """Census codes: 1 to 3 joint (none, one, both 65 or over), 4 head, 5 single."""
    joint = 1 + np.minimum(elderly, 2).astype(np.int64)
    code = np.select([status == JOINT, status == HEAD_OF_HOUSEHOLD], [joint, 4], 5)
    return np.where(claimer >= 0, 5, code)


def _taxable(person: Columns) -> Floats:
    """Income taxed in full on the CPS's amounts."""
    parts = (
        "WSAL_VAL",
        "SEMP_VAL",
        "FRSE_VAL",
        "INT_VAL",
        "DIV_VAL",
        "CAP_VAL",
        "RNT_VAL",
        "UC_VAL",
        "PNSN_VAL",
        "ANN_VAL",
    )
    taxed = np.sum([person[name] for name in parts], axis=0)
    for number in ("1", "2"):
        for age in ("", "_YNG"):
            roth = person[f"DST_SC{number}{age}"] == 3
            taxed = taxed + np.where(roth, 0.0, person[f"DST_VAL{number}{age}"])
    return np.asarray(taxed, dtype=np.float64)


def _taxable_benefits(benefit: Floats, other: Floats, status: Ints) -> Floats:
    """Taxed part of Social Security, 26 USC 86."""
    base = column("tax_rules_2022", "social_security_base")[status]
    second = base + np.where(status == JOINT, 12_000, 9_000)
    provisional = other + 0.5 * benefit
    low = np.minimum(0.5 * benefit, 0.5 * np.maximum(provisional - base, 0.0))
    low = np.minimum(low, 0.5 * (second - base))
    return np.minimum(0.85 * benefit, low + 0.85 * np.maximum(provisional - second, 0.0))


def _bracket_tax(taxable: Floats, status: Ints) -> tuple[Floats, Floats]:
    """Tax by the rate schedule, and the marginal rate."""
    tax: Floats = np.zeros(len(taxable))
    rate: Floats = np.zeros(len(taxable))
    brackets = table("tax_brackets_2022")
    for number, name in enumerate(STATUSES):
        mine = brackets[brackets["status"] == name]
        lower, rates = mine["lower"].to_numpy(float), mine["rate"].to_numpy(float)
        steps = np.diff(rates, prepend=0.0)
        due = (np.maximum(taxable[:, None] - lower, 0.0) * steps).sum(axis=1)
        marginal = rates[np.maximum(np.searchsorted(lower, taxable, side="right") - 1, 0)]
        tax = np.where(status == number, due, tax)
        rate = np.where(status == number, marginal, rate)
    return tax, rate


def _dependants(person: Columns, unit_head: Ints, claimer: Ints) -> Columns:
    """Count claimed persons at the head of the claiming unit."""
    count = len(unit_head)
    claimed = claimer >= 0
    young = claimed & (person["age"] < 17)
    eitc = claimed & (
        (person["age"] < 19)
        | (person["full_time_student"] & (person["age"] < 24))
        | person["disabled"].any(axis=1)
    )
    return {
        "any": total(claimed, unit_head, count),
        "under_17": total(young, unit_head, count),
        "older": total(claimed & ~young, unit_head, count),
        "eitc": np.minimum(total(eitc, unit_head, count), 3).astype(np.int64),
    }


def _eitc(earned: Floats, agi: Floats, children: Ints, status: Ints, person: Columns) -> Floats:
    """Earned income tax credit by the 2022 schedule; childless only from 25 to 64."""
    joint = status == JOINT
    start = np.where(
        joint,
        column("eitc_2022", "start_joint")[children],
        column("eitc_2022", "start_single")[children],
    )
    most = column("eitc_2022", "maximum")[children]
    credit = np.minimum(column("eitc_2022", "phase_in")[children] * earned, most)
    over = np.maximum(np.maximum(agi, earned) - start, 0.0)
    credit = np.minimum(credit, most - column("eitc_2022", "phase_out")[children] * over)
    idle = person["INT_VAL"] + person["DIV_VAL"] + person["CAP_VAL"] > 10_300
    eligible = (children > 0) | (person["age"] >= 25) & (person["age"] < 65)
    return np.asarray(np.round(np.where(eligible & ~idle, np.maximum(credit, 0.0), 0.0)))
