"""A population with wealth, its donors and recipients: the workload of `imputation.py`.

Fifteen predictors (six of them codes) and ten balances, most of them zero for most households,
with tails like Pareto's, one of them signed. Two hidden factors, thrift and leverage, make them
hang together beyond what predictors explain. Donors are sampled the more, the richer they are, and
weighed by the inverse; recipients are a plain sample whose true balances are kept to judge by.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

PREDICTORS = (
    "age", "is_female", "race_code", "schooling_code", "is_married", "children", "status_code",
    "wages", "own_business", "interest", "social_security", "pension", "is_owner", "region_code",
    "hours",
)  # fmt: skip
TARGETS = (
    "deposits", "shares", "bonds", "retirement", "vehicles", "home_equity", "mortgage",
    "student_debt", "card_debt", "business",
)  # fmt: skip
CODES = ("is_female", "race_code", "schooling_code", "is_married", "status_code", "region_code")
INCOMES = ("wages", "own_business", "interest", "social_security", "pension")
PARTS = ("donors", "recipients", "held_out")
# Donors drawn for each asked for: the draw is Bernoulli and caps the richest at certainty.
OVERSIZE = 3.2
HELD_OUT = 2_000
HOUSEHOLDS = 1.3e8


@dataclass(frozen=True)
class World:
    """Donors and recipients with weight ``w``; held-out records; all with true balances."""

    donors: pd.DataFrame
    recipients: pd.DataFrame
    held_out: pd.DataFrame

    def write(self, folder: Path) -> None:
        """Write what `read` reads, in a form that every interpreter with NumPy understands."""
        for name in PARTS:
            table = getattr(self, name)
            np.savez(folder / f"{name}.npz", **{column: table[column] for column in table})

    @classmethod
    def read(cls, folder: Path) -> "World":
        """Read what `write` wrote."""
        return cls(*(pd.DataFrame(dict(np.load(folder / f"{name}.npz"))) for name in PARTS))


def world(donors: int, recipients: int, seed: int = 1) -> World:
    """Make a world: about so many donors, exactly so many recipients."""
    rng = np.random.default_rng(seed)
    everybody = population(int(OVERSIZE * donors), rng)
    wealth = np.log1p(everybody[list(TARGETS)].sum(axis=1).clip(lower=0))
    wanted = 0.25 + 4 * ndtr((wealth - 13.8) / 0.7)
    chance = np.minimum(wanted / wanted.sum() * donors, 1)
    chosen = everybody[rng.random(len(everybody)) < chance]
    chosen = chosen.assign(w=np.exp(0.2 * rng.normal(size=len(chosen))) / chance[chosen.index])
    chosen["w"] *= HOUSEHOLDS / chosen["w"].sum()
    base = population(recipients, rng)
    base["w"] = np.exp(0.5 * rng.normal(size=recipients))
    return World(chosen.reset_index(drop=True), base, population(HELD_OUT, rng))


def population(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return households with predictors and balances, one row each, in whole dollars."""
    chance, normal = lambda: rng.random(count), lambda: rng.normal(size=count)
    rank = normal()
    age = np.clip(22 + rng.gamma(3.2, 9.6, count), 18, 95).round()
    schooling = np.digitize(rank + 0.9 * normal(), [-1.2, -0.1, 0.6, 1.5])
    married = chance() < np.clip(0.25 + 0.008 * (age - 20) + 0.08 * rank, 0.05, 0.8)
    children = np.where(age < 55, rng.poisson(0.5 + 0.5 * married), 0)
    is_retired = chance() < np.where(age > 62, np.clip((age - 60) / 12, 0, 0.95), 0)
    status = np.where(is_retired, 2, chance() < 0.1 - 0.02 * rank)
    works = status == 0
    hours = np.where(works, np.clip(39 + 9 * normal(), 5, 80).round(), 0)
    luck = normal()
    wages = np.exp(9.7 + 0.55 * rank + 0.16 * schooling + 0.25 * luck) * (1 + 0.15 * married)
    wages *= hours / 30 * stretched(0.8 * rank + 0.6 * luck, 0.97, 2.1) * (chance() < 0.92)
    is_self_employed = chance() < 0.09 + 0.03 * (rank > 1)
    own = np.exp(8.8 + 0.9 * rank + 1.1 * normal()) * np.where(chance() < 0.12, -0.5, 1)
    saver = 0.6 * rank + 0.5 * (age - 50) / 15 + 0.9 * normal()
    interest = np.exp(3.2 + 1.1 * saver + 1.2 * normal()) * (chance() < ndtr(0.8 * saver - 0.3))
    benefit = np.exp(9.6 + 0.15 * rank + 0.25 * normal()) * (is_retired & (chance() < 0.93))
    pension = np.exp(9.3 + 0.5 * rank + 0.8 * normal()) * (is_retired & (chance() < 0.42))
    owner = chance() < ndtr(-0.6 + 0.03 * (age - 30) + 0.5 * rank + 0.3 * married)
    columns = [
        age, chance() < 0.5, rng.choice(4, count, p=[0.62, 0.13, 0.18, 0.07]), schooling,
        married, children, status, wages, own * is_self_employed, interest, benefit,
        pension, owner, rng.choice(9, count), hours,
    ]  # fmt: skip
    found = pd.DataFrame(dict(zip(PREDICTORS, columns, strict=True))).astype(float).round()
    return found.assign(**balances(found, saver, rng))


def balances(
    known: pd.DataFrame, saver: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the ten balances of each household."""
    count, age, schooling = len(known), known["age"].to_numpy(), known["schooling_code"].to_numpy()
    owner, married = known["is_owner"].to_numpy() > 0, known["is_married"].to_numpy()
    income = known[list(INCOMES)].abs().sum(axis=1).to_numpy()
    level = np.clip(np.log(np.maximum(income, 2000)) - 10.7, -3, 2.8)
    thrift, leverage = 0.6 * saver + 0.8 * rng.normal(size=count), rng.normal(size=count)

    def taste(on_thrift: float, on_leverage: float) -> np.ndarray:
        own = np.sqrt(max(0.05, 1 - on_thrift**2 - on_leverage**2))
        return on_thrift * thrift + on_leverage * leverage + own * rng.normal(size=count)

    def held(
        score: np.ndarray, middle: float | np.ndarray, spread: float, index: float
    ) -> np.ndarray:
        body = np.exp(middle + spread * np.clip(score, -4, ndtri(0.98)))
        return np.round(body * stretched(score, 0.98, index))

    def unless(share: float) -> np.ndarray:
        return rng.random(count) < share

    shares, bonds, retirement = taste(0.75, 0.1), taste(0.6, 0), taste(0.6, 0.2)
    equity, loan, student = taste(0.4, -0.4), taste(-0.1, 0.7), taste(-0.3, 0.4)
    card, firm = taste(-0.5, 0.3), taste(0.4, 0.2)
    runs_firm = ((known["own_business"] != 0).to_numpy() & unless(0.7)) | unless(0.03)
    sign = np.where(unless(0.06), -0.2, 1)
    years = np.minimum(age - 25, 40)
    wanted = {
        "deposits": (unless(0.96), held(taste(0.7, 0), 8 + 0.8 * level + schooling / 8, 1.2, 2.5)),
        "shares": (
            shares + 0.5 * level + 0.3 * schooling + 0.01 * age > 2.15,
            held(shares, 9.8 + 0.7 * level, 1.4, 1.9),
        ),
        "bonds": (
            bonds + 0.4 * level + 0.015 * age > 2.35, held(bonds, 9.5 + 0.6 * level, 1.4, 1.9),
        ),
        "retirement": (
            retirement + 0.7 * level + 0.35 * schooling > 0.45 + 0.4 * (known["status_code"] == 1),
            held(retirement, 10.6 + 0.8 * level + 0.02 * years, 1.1, 2.5),
        ),
        "vehicles": (
            unless(0.86), held(taste(0.2, 0.3), 9.3 + 0.35 * level + 0.25 * married, 0.75, 3),
        ),
        "home_equity": (owner, held(equity, 11.3 + 0.5 * level + 0.012 * (age - 40), 0.9, 2.2)),
        "mortgage": (
            owner & (loan + 0.3 * level - 0.04 * (age - 45) > -0.2),
            held(loan, 11.5 + 0.45 * level - 0.01 * (age - 40), 0.65, 3),
        ),
        "student_debt": (
            student + 0.35 * schooling - 0.045 * (age - 28) > 0.65,
            held(student, 9.6 + 0.15 * schooling, 0.9, 3),
        ),
        "card_debt": (card + 0.25 * level > 0.12, held(card, 7.9 + 0.3 * level, 1, 2.5)),
        "business": (runs_firm, sign * held(firm, 10.6 + 0.8 * level, 1.6, 1.6)),
    }  # fmt: skip
    return {name: np.where(has, amount, 0).round() for name, (has, amount) in wanted.items()}


def stretched(score: np.ndarray, start: float, index: float) -> np.ndarray:
    """Return factors that turn the top of a distribution into a Pareto tail of a given index."""
    rank = np.minimum(ndtr(score), 1 - 1e-6)
    return np.where(rank > start, ((1 - start) / (1 - rank)) ** (1 / index), 1.0)
