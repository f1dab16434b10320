"""What households own and owe, and the income that property yields.

This is the truth behind both files: the SCF reports it in full, the CPS only through
tenure and an under-reported part of interest, dividends, gains and rent.
"""

import numpy as np

from steelyard.sources.demo import anchors
from steelyard.sources.demo.anchors import column, table
from steelyard.sources.demo.draws import Columns, Draws, Floats, heavy_tail

FINANCIAL = (
    "LIQ",
    "CDS",
    "NMMF",
    "STOCKS",
    "BOND",
    "RETQLIQ",
    "SAVBND",
    "CASHLI",
    "OTHMA",
    "OTHFIN",
)
REAL = ("VEHIC", "HOUSES", "ORESRE", "NNRESRE", "BUS", "OTHNFIN")
INSTALMENT = ("VEH_INST", "EDN_INST", "OTH_INST")
OTHER_DEBT = ("OTHLOC", "CCBAL", "ODEBT")
LIST_LUCK = 2.0
LARGEST = 900e6


def wealth(draws: Draws, family: Columns) -> Columns:
    """Draw assets, debts and property income of economic units.

    Parameters
    ----------
    family
        Arrays of shape (n,): age, skill, school_rank, earnings, business (dollars a year),
        married, black, hispanic, listed (bool), state.

    Returns
    -------
    dict of arrays of shape (n,)
        SCF items in dollars (FINANCIAL, REAL, INSTALMENT, OTHER_DEBT, MRTHEL, RESDBT), and
        interest, dividends, gains, rent in dollars a year; rarity, the factor by which a
        weight must shrink because fortunate families were drawn too often.
    """
    rank, rarity = fortune(draws, family)
    owned = {item: _item(draws, family, rank, item) for item in table("wealth")["item"]}
    owned |= _mortgages(draws, family, owned)
    owned["VEH_INST"] = np.minimum(owned["VEH_INST"], 0.9 * owned["VEHIC"])
    return owned | _yields(draws, owned) | {"rarity": rarity}


def fortune(draws: Draws, family: Columns) -> tuple[Floats, Floats]:
    """Draw the normal rank (n,) of wealth given age: earning power, schooling, and luck.

    The luck of `listed` families is drawn around LIST_LUCK instead of zero, so that a sample
    holds many of the very rich. The second result is the ratio of the two densities (n,), by
    the mixture's balance heuristic (Veach and Guibas 1995): weights times it are unbiased.
    """
    earned = np.log(np.maximum(family["earnings"], 12_000.0) / 65_000.0)
    rank = 0.30 * family["skill"] + 0.38 * family["school_rank"] + 0.42 * earned
    rank += 0.22 * family["married"] - 0.40 * family["black"] - 0.25 * family["hispanic"]
    luck = draws.normal(len(rank), "fortune") + LIST_LUCK * family["listed"]
    share = float(np.mean(family["listed"]))
    odds = np.exp(LIST_LUCK * luck - LIST_LUCK**2 / 2)
    rarity = 1.0 / (1.0 - share + share * odds)
    return np.asarray((rank + 0.72 * luck - 0.02) / 1.02), rarity


def _item(draws: Draws, family: Columns, rank: Floats, item: str) -> Floats:
    """Draw one asset or debt: whether held, and how much."""
    law = anchors.item("wealth", item)
    age = np.minimum(family["age"], 75.0)
    share = law["holding"]
    odds = np.log(share / (1 - share)) + law["holding_rank"] * rank
    odds += law["holding_age"] * (age - 52) / 15
    if item == "BUS":
        odds += 4.2 * (family["business"] != 0)
    if item == "HOUSES":
        odds += 0.75 * (family["married"] - 0.45)
    held = draws.chance(1 / (1 + np.exp(-odds)), f"has {item}")
    loading = law["loading"]
    own = draws.normal(len(rank), item)
    score = loading * rank + np.sqrt(1 - loading**2) * own
    size = heavy_tail(
        score,
        law["sigma"],
        tail_share=law["tail_share"],
        alpha=law["tail_index"],
    )
    amount = law["median"] * np.exp(law["growth"] * (age - 52)) * size
    if item == "HOUSES":
        pay = column("states", "wages") / column("states", "wage_returns")
        amount *= (pay / np.median(pay))[family["state"]] ** 1.3
    # The survey leaves out the four hundred richest families.
    return np.where(held, _round(np.minimum(amount, LARGEST)), 0.0)


def _round(amount: Floats) -> Floats:
    """Round to two or three leading digits, as the survey's respondents answer."""
    unit = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(amount, 1.0))) - 2, 0)
    return np.asarray(np.round(amount / unit) * unit)


def _mortgages(draws: Draws, family: Columns, owned: Columns) -> Columns:
    """Mortgages on the home (falling with age) and on other residences."""
    count = len(family["age"])
    chance = np.clip(1.0 - 0.0175 * np.maximum(family["age"] - 38, 0), 0.15, 0.93)
    owes = draws.chance(chance, "has mortgage")
    ratio = np.clip(
        0.75 - 0.010 * (family["age"] - 42) + 0.22 * draws.normal(count, "loan to value"),
        0.03,
        1.05,
    )
    second = draws.chance(np.full(count, 0.35), "other mortgage")
    return {
        "MRTHEL": np.where(owes, _round(ratio * owned["HOUSES"]), 0.0),
        "RESDBT": np.where(second, _round(0.45 * owned["ORESRE"]), 0.0),
    }


def _yields(draws: Draws, owned: Columns) -> Columns:
    """Draw what property pays in a year: interest, dividends, realised gains, net rent."""
    count = len(owned["LIQ"])
    rate = np.exp(0.7 * draws.normal(count, "interest rate"))
    interest = rate * (
        0.003 * owned["LIQ"] + 0.013 * owned["CDS"] + 0.028 * owned["BOND"] + 0.01 * owned["SAVBND"]
    )
    pays = np.exp(0.6 * draws.normal(count, "dividend rate"))
    stake = owned["STOCKS"] + owned["NMMF"] + 0.7 * owned["OTHMA"]
    dividends = 0.014 * pays * stake
    at_risk = stake + 0.25 * owned["BUS"] + 0.25 * owned["ORESRE"] + 0.2 * owned["NNRESRE"]
    sells = draws.uniform(count, "sells") < np.where(stake > 0, 0.45, 0.03)
    sells &= at_risk > 0
    gains = 0.045 * at_risk * np.exp(1.1 * draws.normal(count, "gain"))
    loses = draws.uniform(count, "sells at a loss") < 0.22
    gains = np.where(loses, -np.minimum(0.3 * gains, 30_000.0), gains)
    let = owned["ORESRE"] + 0.6 * owned["NNRESRE"]
    lets = (draws.uniform(count, "lets") < 0.45) & (let > 0)
    rent = 0.035 * let * (1 + 1.3 * draws.normal(count, "rent"))
    return {
        "interest": np.round(interest),
        "dividends": np.round(dividends),
        "gains": np.where(sells, np.round(gains), 0.0),
        "rent": np.where(lets, np.round(rent), 0.0),
    }


def balance(owned: Columns) -> Columns:
    """Return the SCF totals, exact sums of the items: FIN, NFIN, ASSET, DEBT, NETWORTH."""
    fin = sum(owned[item] for item in FINANCIAL)
    nfin = sum(owned[item] for item in REAL)
    instalment = sum(owned[item] for item in INSTALMENT)
    debt = owned["MRTHEL"] + owned["RESDBT"] + instalment + sum(owned[i] for i in OTHER_DEBT)
    return {
        "FIN": np.asarray(fin),
        "NFIN": np.asarray(nfin),
        "ASSET": np.asarray(fin + nfin),
        "INSTALL": np.asarray(instalment),
        "DEBT": np.asarray(debt),
        "NETWORTH": np.asarray(fin + nfin - debt),
    }
