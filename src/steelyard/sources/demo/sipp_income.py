"""The SIPP's monthly incomes beside earnings, what programmes pay, and what a person owns.

Flows are whole dollars a month that sum to the law's year; TPTOTINC is exactly the sum of
earnings, property, means-tested transfers, social insurance and other income, of persons of 15
and over. What is owned is told as of the end of the year and repeated in every month.
"""

import numpy as np

from steelyard.sources.demo import kin
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints
from steelyard.sources.demo.sipp_calendar import MONTHS, YOUNGEST_ASKED, Calendar, spell, spread
from steelyard.sources.demo.sipp_jobs import blank

# Parts of total income, by the recode that sums them.
PARTS = {
    "TPPRPINC": ("TINC_BANK", "TINC_BOND", "TINC_STMF", "TINC_RENT", "TINC_OTH"),
    "TPTRNINC": ("TSSI_AMT", "TTANF_AMT", "TGA_AMT"),
    "TPSCININC": ("TSSSAMT", "TSSCAMT", "TUC1AMT", "TVA1AMT", "TWCAMT"),
    "TPOTHINC": ("TRETINCAMT", "TDIS1AMT", "TCSAMT", "TALIAMT", "TMINC_AMT"),
}
# Account codes of the law's withdrawals that are IRAs; the rest are employers' plans.
IRA = (3, 4)
# Code of alimony among other incomes (OI_OFF), and of workers' compensation (DIS_SC).
ALIMONY, COMPENSATION = 20, 1


def incomes(
    draws: Draws, person: Columns, owned: Columns, when: Calendar, scale: float, earned: Ints
) -> Columns:
    """Lay a year's unearned income out by month.

    Parameters
    ----------
    draws
        Of one panel and wave.
    person, owned
        As `population.populate` returns them, dollars of 2022.
    scale
        What a dollar of 2022 is in this year.
    earned
        (n_persons, 12) earnings, zero where no job is held.

    Returns
    -------
    dict of masked arrays of shape (n_persons, 12)
        The parts, their sums, TPTOTINC; benefits in kind and receipt of each programme.
    """
    asked = when.age >= YOUNGEST_ASKED
    months = _months(draws, when, asked)
    amounts = _amounts(person, owned)
    paid = {
        name: spread(np.rint(amounts[name] * scale), months.get(name, asked)) for name in amounts
    }
    paid |= {name: np.zeros_like(earned) for name in ("TINC_OTH", "TSSCAMT", "TGA_AMT")}
    sums = {name: add([paid[part] for part in parts]) for name, parts in PARTS.items()}
    total = add([earned, *sums.values()])
    found = {name: blank(values, asked) for name, values in (paid | sums).items()}
    found["TPTOTINC"] = blank(total, asked)
    return found | _receipt(paid, asked) | _withdrawals(person, scale, asked)


def add(parts: list[Ints]) -> Ints:
    """Return the sum of equally shaped arrays."""
    return np.asarray(np.sum(parts, axis=0), dtype=np.int64)


def _months(draws: Draws, when: Calendar, asked: Bools) -> dict[str, Bools]:
    """Months (n, 12) in which what is not paid all year is paid."""
    count = len(asked)
    short = draws.uniform(count, "half a year of benefits") < 0.1
    half = asked & (spell(np.full(count, 7), np.full(count, 6)) | ~short[:, None])
    idle = ~when.at_work & asked
    begin = 1 + np.floor(draws.uniform(count, "assistance start") * 8).astype(np.int64)
    few = spell(begin, np.full(count, 5)) & asked
    first = (when.age[:, -1] == 62)[:, None]
    claimed = np.arange(1, MONTHS + 1) >= when.birth_month[:, None]
    return {
        "TSSI_AMT": half,
        "TSNAP_AMT": half,
        "TUC1AMT": _else_all(idle, asked),
        "TTANF_AMT": _else_all(few, asked),
        "TWCAMT": _else_all(few, asked),
        "TSSSAMT": asked & (claimed | ~first),
    }


def _else_all(some: Bools, all_: Bools) -> Bools:
    """Return months (n, 12), all of them for who has none of the some."""
    return np.asarray(some | (all_ & ~np.any(some, axis=1, keepdims=True)))


def _amounts(person: Columns, owned: Columns) -> dict[str, Floats]:
    """Name the law's annual amounts as the survey's monthly ones."""
    holdings = owned["LIQ"] + owned["CDS"], owned["BOND"] + owned["SAVBND"]
    bonds = (holdings[1] / np.maximum(sum(holdings), 1.0))[person["household"]]
    bond_interest = np.floor(person["INT_VAL"] * bonds)
    hurt = [
        np.where(person[f"DIS_SC{k}"] == COMPENSATION, 0, person[f"DIS_VAL{k}"]) for k in (1, 2)
    ]
    alimony = np.where(person["OI_OFF"] == ALIMONY, person["OI_VAL"], 0)
    rest = ("SRVS_VAL", "ED_VAL", "FIN_VAL", "OI_VAL")
    return {
        "TINC_BANK": person["INT_VAL"] - bond_interest,
        "TINC_BOND": bond_interest,
        "TINC_STMF": person["DIV_VAL"],
        "TINC_RENT": person["RNT_VAL"],
        "TSSI_AMT": person["SSI_VAL"],
        "TTANF_AMT": person["PAW_VAL"],
        "TSSSAMT": person["SS_VAL"],
        "TUC1AMT": person["UC_VAL"],
        "TVA1AMT": person["VET_VAL"],
        "TWCAMT": person["WC_VAL"],
        "TRETINCAMT": person["PNSN_VAL"] + person["ANN_VAL"],
        "TDIS1AMT": hurt[0] + hurt[1],
        "TCSAMT": person["CSP_VAL"],
        "TALIAMT": alimony,
        "TMINC_AMT": np.sum([person[name] for name in rest], axis=0) - alimony,
        "TSNAP_AMT": person["SNAP_VAL"],
    }


def _receipt(paid: dict[str, Ints], asked: Bools) -> Columns:
    """Whether each programme paid in the month and in the year: 1 yes, 2 no."""
    found: Columns = {}
    for name in ("SSI", "TANF", "SNAP"):
        gets = paid[f"T{name}_AMT"] > 0
        found[f"R{name}_MNYN"] = blank(np.where(gets, 1, 2), asked)
        found[f"R{name}_YRYN"] = blank(np.where(gets.any(axis=1), 1, 2)[:, None], asked)
    return found


def _withdrawals(person: Columns, scale: float, asked: Bools) -> Columns:
    """Withdrawals from accounts, told once for the year; they are not income in TPTOTINC."""
    ira, plan = np.zeros(len(asked)), np.zeros(len(asked))
    for suffix in ("1", "2", "1_YNG", "2_YNG"):
        value = person[f"DST_VAL{suffix}"]
        is_ira = np.isin(person[f"DST_SC{suffix}"], IRA)
        ira, plan = ira + np.where(is_ira, value, 0), plan + np.where(is_ira, 0, value)
    return {
        "TIRA_INC_AMT": blank(np.rint(ira * scale).astype(np.int64)[:, None], asked),
        "TTHR_INC_AMT": blank(np.rint(plan * scale).astype(np.int64)[:, None], asked),
    }


# Assets and debts of the SIPP by the SCF items that they hold.
ASSETS = {
    "BANK": ("LIQ", "CDS"),
    "STMF": ("STOCKS", "NMMF"),
    "BOND": ("BOND", "SAVBND"),
    "RET": ("RETQLIQ",),
    "HOME": ("HOUSES",),
    "VEH": ("VEHIC",),
    "RE": ("ORESRE", "NNRESRE"),
    "BUS": ("BUS",),
    "OTH": ("CASHLI", "OTHMA", "OTHFIN", "OTHNFIN"),
}
DEBTS = {
    "HOME": ("MRTHEL",),
    "RE": ("RESDBT",),
    "VEH": ("VEH_INST",),
    "CC": ("CCBAL",),
    "ED": ("EDN_INST",),
    "OT": ("OTH_INST", "OTHLOC", "ODEBT"),
}
SMALL_ACCOUNT = 40


def wealth(person: Columns, owned: Columns, scale: float) -> dict[str, Ints]:
    """Divide what households own and owe among members of 15 and over, whole dollars (n,).

    Head and mate own half each; other adults have an account forty times its interest.
    TNETWORTH is exactly TVAL_AST less TDEBT_AST, and these the sums of their parts.
    """
    household, role = person["household"], person["role"]
    mate = np.isin(role, (kin.SPOUSE, kin.PARTNER))
    mates = np.bincount(household[mate], minlength=len(owned["LIQ"]))[household]
    head = role == kin.HEAD
    found: dict[str, Ints] = {}
    for kind, table in (("TVAL", ASSETS), ("TDEBT", DEBTS)):
        for name, items in table.items():
            whole = np.rint(sum(owned[item] for item in items) * scale).astype(np.int64)[household]
            half = whole // 2
            found[f"{kind}_{name}"] = np.where(
                head, np.where(mates > 0, whole - half, whole), np.where(mate, half, 0)
            )
    small = ~head & ~mate
    found["TVAL_BANK"] += np.where(small, SMALL_ACCOUNT * person["INT_VAL"], 0).astype(np.int64)
    found["TVAL_AST"] = np.sum([found[f"TVAL_{name}"] for name in ASSETS], axis=0)
    found["TDEBT_AST"] = np.sum([found[f"TDEBT_{name}"] for name in DEBTS], axis=0)
    found["TNETWORTH"] = found["TVAL_AST"] - found["TDEBT_AST"]
    return found
