"""All columns of the SCF's summary extract: the law's, what follows from them, and constants.

The extract of 2019 has 351 columns; that of 2022 is taken to have the same and RACECL5. Every
identity here holds in the real file of 2019: totals of accounts, mortgages, loans by purpose and
by lender, the flags, the classes by rank. How a total falls into parts is assumed. Columns of
which the law knows nothing (attitudes, shopping for credit) have one value in every row; the
anchor `scf_columns` lists them all, in the file's order.
"""

import numpy as np

from steelyard.sources.demo.anchors import table
from steelyard.sources.demo.draws import Columns, Draws, Floats, Ints

# How totals fall into the items of the extract, and the share of families with another split.
SPLITS = {
    "LIQ": {"CHECKING": 0.35, "SAVING": 0.30, "MMDA": 0.25, "MMMF": 0.05, "CALL": 0.05},
    "NMMF": {
        "STMUTF": 0.55, "TFBMUTF": 0.12, "GBMUTF": 0.05, "OBMUTF": 0.08, "COMUTF": 0.10,
        "OMUTF": 0.10,
    },
    "BOND": {"NOTXBND": 0.70, "MORTBND": 0.05, "GOVTBND": 0.10, "OBND": 0.15},
    "RETQLIQ": {"IRAKH": 0.45, "THRIFT": 0.45, "FUTPEN": 0.05, "CURRPEN": 0.05},
    "OTHMA": {"ANNUIT": 0.45, "TRUSTS": 0.55},
    "BUS": {"ACTBUS": 0.8, "NONACTBUS": 0.2},
    "MRTHEL": {"NH_MORT": 0.93, "HELOC": 0.07},
    "RESDBT": {"MORT1": 0.8, "MORT2": 0.2},
}  # fmt: skip
# Flags for whether something is held: H and the item's own name.
HELD = (
    "LIQ", "CDS", "NMMF", "STOCKS", "BOND", "RETQLIQ", "SAVBND", "CASHLI", "OTHMA", "OTHFIN",
    "FIN", "VEHIC", "HOUSES", "ORESRE", "NNRESRE", "BUS", "OTHNFIN", "NFIN", "ASSET", "MRTHEL",
    "HELOC", "NH_MORT", "OTHLOC", "RESDBT", "CCBAL", "VEH_INST", "EDN_INST", "OTH_INST",
    "INSTALL", "ODEBT", "DEBT", "SAVING", "MMA", "CALL", "EQUITY",
)  # fmt: skip
# Monthly payment per dollar owed.
PAYMENTS = {
    "PAYMORT1": ("NH_MORT", 0.0055), "PAYLOC1": ("HELOC", 0.0060), "PAYORE1": ("RESDBT", 0.0060),
    "PAYVEH1": ("VEH_INST", 0.0250), "PAYEDU1": ("EDN_INST", 0.0080),
    "PAYILN1": ("OTH_INST", 0.0200),
}  # fmt: skip
CARD_PAYMENT = 0.025
# Unrealised gains per dollar held.
GAINS = {"KGHOUSE": {"HOUSES": 0.35}, "KGORE": {"ORESRE": 0.30}, "KGBUS": {"BUS": 0.60}}
STOCK_GAIN = 0.20
# Loans by purpose and by lender; each list is all debt.
PURPOSE = {1: "MRTHEL", 3: "VEH_INST", 4: "CCBAL OTH_INST", 5: "RESDBT OTHLOC", 6: "EDN_INST"}
PURPOSE |= {2: "", 7: "ODEBT", 8: ""}
LENDER = {1: "MRTHEL", 3: "VEH_INST", 4: "OTH_INST", 5: "RESDBT OTHLOC", 8: "EDN_INST"}
LENDER |= {10: "CCBAL", 11: "ODEBT", 2: "", 6: "", 7: "", 9: "", 12: ""}
# Classes by rank of families: the shares of families at which a class ends.
TENTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
RANKS = {
    "NWCAT": ("NETWORTH", (0.25, 0.5, 0.75, 0.9)),
    "INCCAT": ("INCOME", (0.2, 0.4, 0.6, 0.8, 0.9)),
    "ASSETCAT": ("ASSET", (0.2, 0.4, 0.6, 0.8, 0.9)),
    "NINCCAT": ("NORMINC", (0.2, 0.4, 0.6, 0.8, 0.9)),
    "NINC2CAT": ("NORMINC", (0.5, 0.9)),
    "NWPCTLECAT": ("NETWORTH", TENTHS),
    "INCPCTLECAT": ("INCOME", TENTHS),
    "NINCPCTLECAT": ("NORMINC", TENTHS),
    "INCQRTCAT": ("INCOME", (0.25, 0.5, 0.75)),
    "NINCQRTCAT": ("NORMINC", (0.25, 0.5, 0.75)),
}


def complete(draws: Draws, known: Columns, withdrawn: Floats, vintage: int) -> Columns:
    """Return all columns of a vintage's extract, in the file's order.

    Parameters
    ----------
    known
        The law's columns, five rows a family, from `scf.extract`.
    withdrawn
        (n_rows,) the share of retirement income that is withdrawals from accounts.
    vintage
        The survey's year; some columns came with a later one.
    """
    found = dict(known)
    found |= _people(draws, known)
    for whole, parts in SPLITS.items():
        found |= _split(draws, known[whole], whole, parts)
    found["PENACCTWD"] = np.round(known["SSRETINC"] * withdrawn, 5)
    usual = draws.uniform(len(known["YY1"]) // 5, "normal income")[known["YY1"] - 1]
    found["NORMINC"] = np.round(known["INCOME"] * np.where(usual < 0.76, 1.0, 0.8 + 0.4 * usual), 5)
    found |= _assets(found)
    found |= _debts(found)
    found |= {f"H{name}": (found[name] > 0).astype(np.int64) for name in HELD}
    found |= _flags(found)
    for name, (of, ends) in RANKS.items():
        found[name] = _class(found[of], known["WGT"], ends)
    columns = table("scf_columns")
    columns = columns[columns["first_vintage"].fillna(0) <= vintage]
    rows = len(known["YY1"])
    return {
        name: found[name] if np.isnan(value) else np.full(rows, int(value))
        for name, value in zip(columns["column_name"], columns["value"], strict=True)
    }


def _split(draws: Draws, whole: Ints, name: str, parts: dict[str, float]) -> Columns:
    """Split whole dollars (n,) into parts that sum to them; each family leans to one part."""
    families = len(whole) // 5
    lean = np.floor(draws.uniform(families, f"split of {name}") * len(parts)).astype(np.int64)
    share = np.tile(np.array(list(parts.values())), (families, 1))
    share[np.arange(families), lean] += 0.5
    share = np.repeat(share / share.sum(axis=1, keepdims=True), 5, axis=0)
    rest = np.floor(whole[:, None] * share[:, 1:]).astype(np.int64)
    amounts = np.column_stack([whole - rest.sum(axis=1), rest])
    return {part: amounts[:, k] for k, part in enumerate(parts)}


def _people(draws: Draws, known: Columns) -> Columns:
    """Life cycle, race as asked, industry, and food expenditure."""
    older, couple, kids = known["AGE"] >= 55, known["MARRIED"] == 1, known["KIDS"] > 0
    cycle = np.select([older & (known["LF"] == 1), older, ~couple & ~kids, ~couple, ~kids],
                      [5, 6, 1, 4, 2], 3)  # fmt: skip
    race = known["RACECL5"]
    works = known["OCCAT1"] <= 2
    heavy = draws.uniform(len(race) // 5, "industry")[known["YY1"] - 1] < 0.22
    food = 2000 + 1800 * (known["KIDS"] + couple) + 0.02 * np.minimum(known["INCOME"], 3e5)
    return {
        "LIFECL": cycle,
        "RACE": np.where(race > 3, 5, race),
        "INDCAT": np.where(works, np.where(heavy, 1, 2), 4),
        "FOODHOME": _hundreds(food),
        "FOODAWAY": _hundreds(0.4 * food),
    }


def _hundreds(amount: Floats) -> Ints:
    """Round to hundreds, as respondents answer."""
    return np.asarray(np.rint(amount / 100), dtype=np.int64) * 100


def _assets(found: Columns) -> Columns:
    """Totals of accounts, equity held directly and in retirement accounts, gains."""
    direct = found["STOCKS"] + found["STMUTF"] + 0.5 * found["COMUTF"] + found["OMUTF"]
    retired = np.rint(0.45 * found["RETQLIQ"]).astype(np.int64)
    equity = np.rint(direct).astype(np.int64) + retired
    gains = {name: _gain(found, parts) for name, parts in GAINS.items()}
    stock = np.rint(STOCK_GAIN * (found["STOCKS"] + found["NMMF"])).astype(np.int64)
    return {
        "MMA": found["MMDA"] + found["MMMF"],
        "DEQ": np.rint(direct).astype(np.int64),
        "RETEQ": retired,
        "EQUITY": equity,
        "EQUITINC": np.round(equity / np.maximum(found["INCOME"], 100.0), 9),
        "NHNFIN": found["NFIN"] - found["HOUSES"],
        "HOMEEQ": found["HOUSES"] - found["MRTHEL"],
        "NOWN": found["NVEHIC"],
        "NLEASE": np.zeros_like(found["NVEHIC"]),
        **gains,
        "KGSTMF": stock,
        "KGTOTAL": sum(gains.values()) + stock,
    }


def _gain(found: Columns, parts: dict[str, float]) -> Ints:
    total = np.sum([rate * found[item] for item, rate in parts.items()], axis=0)
    return np.asarray(np.rint(total), dtype=np.int64)


def _debts(found: Columns) -> Columns:
    """Payments, their ratios to income, and loans by purpose and lender."""
    paid = {
        name: np.rint(rate * found[of]).astype(np.int64) for name, (of, rate) in PAYMENTS.items()
    }
    home = paid["PAYMORT1"] + paid["PAYORE1"]
    consumer = paid["PAYVEH1"] + paid["PAYEDU1"] + paid["PAYILN1"]
    revolving = paid["PAYLOC1"] + np.round(CARD_PAYMENT * found["CCBAL"], 5)
    all_paid = home + consumer + revolving
    monthly = np.maximum(found["INCOME"], 12.0) / 12
    asset, debt = found["ASSET"], found["DEBT"]
    income = np.maximum(found["INCOME"], 1.0)
    return {
        **paid,
        "MORTPAY": home,
        "CONSPAY": consumer,
        "REVPAY": revolving,
        "TPAY": all_paid,
        "PIRMORT": np.round(home / monthly, 9),
        "PIRCONS": np.round(consumer / monthly, 9),
        "PIRREV": np.round(revolving / monthly, 9),
        "PIRTOTAL": np.round(all_paid / monthly, 9),
        "PIR40": (all_paid > 0.4 * monthly).astype(np.int64),
        "LEVRATIO": np.round(np.where(asset > 0, debt / np.maximum(asset, 1), debt > 0), 9),
        "DEBT2INC": np.round(np.where(found["INCOME"] > 0, debt / income, 10 * (debt > 0)), 9),
        "MORT3": np.zeros_like(debt),
        **{f"PLOAN{k}": _loans(found, items) for k, items in PURPOSE.items()},
        **{f"LLOAN{k}": _loans(found, items) for k, items in LENDER.items()},
    }


def _loans(found: Columns, items: str) -> Ints:
    total = np.zeros_like(found["DEBT"])
    for item in items.split():
        total = total + found[item]
    return np.asarray(total, dtype=np.int64)


def _flags(found: Columns) -> Columns:
    """Say what a family holds or does, 1 or 0, beyond the flags named after items."""
    has = {
        "HCHECK": found["CHECKING"] > 0,
        "NOCHK": found["CHECKING"] <= 0,
        "NOCCBAL": found["CCBAL"] == 0,
        "OWN": found["NOWN"] > 0,
        "LEASE": found["NLEASE"] > 0,
        "HBROK": found["STOCKS"] + found["NMMF"] > 0,
        "HPRIM_MORT": found["NH_MORT"] > 0,
        "PURCH1": found["NH_MORT"] > 0,
        "HELOC_YN": found["HELOC"] > 0,
        "ANYPEN": found["THRIFT"] + found["FUTPEN"] > 0,
        "DCPLANCJ": found["THRIFT"] > 0,
        "DBPLANT": found["FUTPEN"] > 0,
    }
    flags = {name: flag.astype(np.int64) for name, flag in has.items()}
    # Five where an account was once held and is no more; the law has none of these.
    flags["EHCHKG"] = np.where(has["NOCHK"], 5, 0)
    flags["NSTOCKS"] = np.where(found["STOCKS"] > 0, 2, 0)
    return flags


def _class(values: Floats, weights: Floats, ends: tuple[float, ...]) -> Ints:
    """Return classes (n,) from 1 of values, by the share of weight below them."""
    order = np.argsort(values, kind="stable")
    below = np.empty(len(values))
    below[order] = (np.cumsum(weights[order]) - 0.5 * weights[order]) / weights.sum()
    # Equal values are of one class.
    _, inverse = np.unique(values, return_inverse=True)
    least = np.full(int(inverse.max()) + 1, np.inf)
    np.minimum.at(least, inverse, below)
    return 1 + np.searchsorted(ends, least[inverse], side="right").astype(np.int64)
