"""Who receives an income that a survey hears of too seldom, brought to published counts."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from steelyard.impute.uniforms import keyed_uniforms

Floats = NDArray[np.float64]

# Odds change by at most this power of the amount; beyond, the count is met if dollars allow it.
STEEPEST = 4.0
# Odds of e^40 are certain.
FARTHEST = 40.0
# A count is met to this share, in at most so many steps; dollars are too many from so much on.
CLOSE = 1e-9
STEPS = 200
NEARLY = 1e-3
# Steps for count and total at once, before the two are sought one inside the other.
FEW_STEPS = 40
# How often odds are moved to states and bands in turn.
ROUNDS = 6
# A band of adjusted gross income, its published returns and dollars.
BANDS = ("adjusted_gross_income_lower", "return_count", "published_amount")
# What may be above the published dollars, for receipts that those who told do not fill.
SPARE = 0.1


def align_receipts(
    propensity: ArrayLike,
    amounts: ArrayLike,
    weights: ArrayLike,
    *,
    count: float,
    total: float,
    start: float,
) -> NDArray[np.bool_]:
    """Choose who receives the amount drawn for each, so that count and total come out as told.

    The odds of candidate i are moved by one factor for all and one power of the amount,

        logit P_i = logit p_i + a + b log(amount_i / mean amount),

    with a and b such that the expected weighted count and total are the wanted ones: an alignment
    by logit shift that lets small amounts be missed more often than large ones. Amounts stay. Who
    receives is a systematic sample along the amounts: `spread_evenly`.

    Parameters
    ----------
    propensity
        Shape (n,), in (0, 1): how likely each is to receive, up to the alignment.
    amounts
        Shape (n,), dollars above 0: what each would receive.
    weights
        Shape (n,): units represented.
    count, total
        Weighted receipts and dollars wanted. More than all have is all of them. Where no power
        between -4 and 4 brings the total about, the count is met if that leaves too few dollars;
        if it leaves too many, fewer receive.
    start
        A random number in [0, 1).

    Returns
    -------
    ndarray of shape (n,), who receives.

    Raises
    ------
    ValueError
        If a propensity is not inside (0, 1) or an amount not above 0; says how many.
    """
    chances, dollars = np.asarray(propensity, float), np.asarray(amounts, float)
    stands_for = np.asarray(weights, float)
    _refuse("propensity is not inside (0, 1)", ~((chances > 0) & (chances < 1)))
    _refuse("amount is not above 0", ~(dollars > 0))
    odds = _aligned(np.asarray(logit(chances)), dollars, stands_for, Aim(count, total, total))
    return spread_evenly(np.asarray(expit(odds)), np.argsort(dollars, kind="stable"), start)


def spread_evenly(chances: Floats, order: NDArray[np.intp], start: float) -> NDArray[np.bool_]:
    """Choose each with its own chance, and of every stretch of an order as many as it is due.

    Systematic sampling: chances are laid end to end in the order, and whoever lies on a whole
    number, the start added, is chosen. Independent draws with the same chances would leave the
    count of a state, or the dollars of a band, to luck.

    Parameters
    ----------
    chances
        Shape (n,), each in [0, 1].
    order
        Shape (n,): places in `chances`, neighbours alike.
    start
        A random number in [0, 1).

    Returns
    -------
    ndarray of shape (n,), who is chosen: of any stretch of the order the sum of its chances,
    rounded up or down.

    Source: Madow (1949), "On the theory of systematic sampling, II", *Annals of Mathematical
    Statistics* 20.
    """
    reached = np.floor(start + np.concatenate(([0.0], np.cumsum(chances[order]))))
    chosen = np.zeros(len(chances), dtype=bool)
    chosen[order] = np.diff(reached) > 0
    return chosen


class Aim(NamedTuple):
    """Weighted receipts and dollars wanted, and the most dollars that the receipts may have."""

    receipts: float
    total: float
    most: float


def _aligned(odds: Floats, dollars: Floats, weights: Floats, aim: Aim) -> Floats:
    """Move log odds, (n,), by one number and one power of the amounts, to a count and a total."""
    worth = weights * dollars
    if aim.receipts <= 0 or aim.most <= 0:
        return np.full(len(odds), -np.inf)
    sizes = np.log(dollars / (worth.sum() / weights.sum()))
    if aim.receipts < weights.sum():
        moved = _to_count(odds, sizes, dollars, weights, aim)
        if worth @ expit(moved) <= max(aim.total, aim.most) * (1 + NEARLY):
            return moved
    elif worth.sum() <= aim.most:
        return np.full(len(odds), np.inf)
    return _shifted(odds - STEEPEST * sizes, worth, aim.most)


def _to_count(odds: Floats, sizes: Floats, dollars: Floats, weights: Floats, aim: Aim) -> Floats:
    """Move log odds so that the count is met, and the total as far as a power brings it about."""
    count, total, _ = aim
    near = _climbed(odds, sizes, dollars, weights, np.array([count, total]))
    if near is not None:
        return near

    def moved(power: float) -> Floats:
        return _shifted(odds + power * sizes, weights, count)

    def excess(power: float) -> float:
        return float(weights @ (expit(moved(power)) * dollars)) - total

    if excess(-STEEPEST) >= 0 or excess(STEEPEST) <= 0:
        return moved(-STEEPEST if excess(-STEEPEST) >= 0 else STEEPEST)
    return moved(brentq(excess, -STEEPEST, STEEPEST, xtol=1e-6))


def _climbed(
    odds: Floats, sizes: Floats, dollars: Floats, weights: Floats, wanted: Floats
) -> Floats | None:
    """Solve for count and total at once by Newton's steps; None where they do not lead there."""
    if (wanted <= 0).any():
        return None
    moves = np.zeros(2)
    for _ in range(FEW_STEPS):
        chances = np.asarray(expit(odds + moves[0] + moves[1] * sizes))
        missed = np.array([weights @ chances, weights @ (chances * dollars)]) - wanted
        if (np.abs(missed) <= CLOSE * np.abs(wanted)).all():
            return np.asarray(odds + moves[0] + moves[1] * sizes)
        gives = weights * chances * (1 - chances)
        along = np.stack([np.ones_like(sizes), sizes])
        slopes = np.stack([along @ gives, along @ (gives * dollars)])
        if np.linalg.cond(slopes / np.abs(wanted)[:, None]) > 1 / CLOSE:
            return None
        moves = moves - np.clip(np.linalg.solve(slopes, missed), -1, 1)
        if abs(moves[1]) > STEEPEST:
            return None
    return None


def _refuse(what: str, wrong: NDArray[np.bool_]) -> None:
    if wrong.any():
        raise ValueError(f"align_receipts: {what} for {int(wrong.sum())} of {len(wrong)}")


def _shifted(odds: Floats, weights: Floats, count: float) -> Floats:
    """Return log odds moved so that the weighted count is met: Newton, kept in."""
    reach = FARTHEST + float(np.abs(odds).max())
    low, high, shift = -reach, reach, 0.0
    for _ in range(STEPS):
        chances = expit(odds + shift)
        excess = float(weights @ chances) - count
        if abs(excess) <= CLOSE * count:
            break
        low, high = (low, shift) if excess > 0 else (shift, high)
        slope = float(weights @ (chances * (1 - chances)))
        step = shift - excess / slope if slope > 0 else low
        shift = step if low < step < high else (low + high) / 2
    return np.asarray(odds + shift)


def align_bands(candidates: pa.Table, seed: int, imputed: tuple[str, ...] = ()) -> pa.Table:
    """Align the receipts of each income to bands of adjusted gross income, and to states.

    Where fewer reported an income than is published, they keep it, and the rest of the count and
    of the dollars goes to candidates. Where more did, they keep it too, unless the survey's amounts
    are themselves imputed: then so many keep it as is published, and where dollars alone are too
    many, others may have it instead. Where whoever told has all published dollars and not the
    count, a tenth more dollars are spared for others; beyond, fewer receive. Odds are moved to the
    states and to the bands in turn, as raking moves weights, and to the bands last. Receivers are
    then spread evenly along states, bands and amounts. The income of most published dollars comes
    first, and what units received of it counts in the bands of the next.

    Parameters
    ----------
    candidates
        One row an income, unit and copy: ``income``, ``tax_unit_id``, ``copy_id``,
        ``is_reported`` (it may keep its amount; all others may receive theirs),
        ``adjusted_gross_income_lower`` (the band), ``design_weight``, ``propensity``, ``amount``,
        and of the band ``return_count`` and ``published_amount``; for the bands of later incomes
        ``amount_on_return``, ``income_before_benefits``, ``exempt_interest``, ``social_security``,
        ``base_amount`` and ``adjusted_base_amount`` (IRC 86), all dollars a year. Where states are
        published too, ``state_fips``, and of the state ``state_return_count`` and
        ``state_amount``, null where it is not.
    seed
        Seed of the build, which decides where the spreading begins, for each income and copy.
    imputed
        Incomes whose reported amounts may be taken away.

    Returns
    -------
    Table of ``income``, ``tax_unit_id``, ``copy_id`` and ``is_reported`` of those that have the
    income. Each copy stands for everybody, and is aligned by itself.
    """
    records = candidates.to_pandas()
    chosen = np.zeros(len(records), dtype=bool)
    for copy_id, places in sorted(records.groupby("copy_id", sort=True).indices.items()):
        chosen[places] = _align_copy(
            records.iloc[places].reset_index(drop=True), seed, int(copy_id), imputed
        )
    kept = records.loc[chosen, ["income", "tax_unit_id", "copy_id", "is_reported"]]
    return pa.Table.from_pandas(kept, preserve_index=False)


def _align_copy(
    records: pd.DataFrame, seed: int, copy_id: int, imputed: tuple[str, ...]
) -> NDArray[np.bool_]:
    """Choose who has each income in one copy, (n,)."""
    chosen = np.zeros(len(records), dtype=bool)
    gained = pd.Series(0.0, index=records["tax_unit_id"].unique())
    for income, places in _largest_first(records):
        units = records["tax_unit_id"].to_numpy()[places]
        group = _moved(
            records.iloc[places].reset_index(drop=True),
            np.asarray(gained.loc[units], dtype=np.float64),
        )
        (start,) = keyed_uniforms(seed, ("impute", "receipt", income), [copy_id])
        chosen[places] = receivers(group, float(start), is_imputed=income in imputed)
        news = chosen[places].astype(float) - group["is_reported"].to_numpy(float)
        gained.loc[units] += news * group["amount_on_return"].to_numpy(float)
    return chosen


def _largest_first(records: pd.DataFrame) -> list[tuple[str, NDArray[np.intp]]]:
    """List incomes and their rows, in the order of their published dollars."""
    bands = records.drop_duplicates(["income", BANDS[0]])
    dollars = bands.groupby("income", sort=True)["published_amount"].sum()
    rows = records.groupby("income", sort=True).indices
    order = dollars.sort_values(ascending=False, kind="stable").index
    return [(str(income), np.asarray(rows[income])) for income in order]


def _moved(group: pd.DataFrame, gained: Floats) -> pd.DataFrame:
    """Move units to the bands of the income that they have with what they gained, (n,)."""
    if not gained.any():
        return group
    income = group["income_before_benefits"].to_numpy(float) + gained
    columns = ("exempt_interest", "social_security", "base_amount", "adjusted_base_amount")
    reached = income + taxed_benefits(income, *(group[name].to_numpy(float) for name in columns))
    bands = group[list(BANDS)].drop_duplicates(BANDS[0]).sort_values(BANDS[0])
    place = np.searchsorted(bands[BANDS[0]].to_numpy(float), reached, side="right") - 1
    return group.assign(**{name: bands[name].to_numpy()[np.maximum(place, 0)] for name in BANDS})


def taxed_benefits(
    income: Floats, exempt: Floats, benefits: Floats, base: Floats, adjusted: Floats
) -> Floats:
    """Return what of Social Security is in adjusted gross income, dollars a year, all (n,).

    `imp_income_candidate` has the same in SQL, where bands are those of what was told.

    Parameters
    ----------
    income
        Other income on the return.
    exempt, benefits
        Tax-exempt interest; Social Security.
    base, adjusted
        Provisional income from which half, and 85 percent, of what is above is taxed.

    Source: Internal Revenue Code, section 86.
    """
    provisional = income + exempt + benefits / 2
    by_half = np.minimum(np.maximum(provisional - base, 0), np.minimum(adjusted - base, benefits))
    taxed = 0.85 * np.maximum(provisional - adjusted, 0) + by_half / 2
    return np.asarray(np.minimum(0.85 * benefits, taxed))


def receivers(group: pd.DataFrame, start: float, *, is_imputed: bool) -> NDArray[np.bool_]:
    """Choose who receives one income, (n,)."""
    told, weights = group["is_reported"].to_numpy(), group["design_weight"].to_numpy(float)
    bands = _margins(group, *BANDS)
    keeps, waits = told.copy(), ~told
    dollars = group["amount"].to_numpy(float)
    for rows, count, total in bands if is_imputed else []:
        those = rows[told[rows]]
        if weights[those].sum() > count:
            # So many of those who told are left, and nobody else receives.
            keeps[rows], waits[rows] = False, told[rows]
        elif weights[those] @ dollars[those] > total:
            # Whoever told too much is replaced.
            keeps[rows], waits[rows] = False, True
    odds = np.asarray(logit(np.where(waits & told, 0.5, group["propensity"].to_numpy(float))))
    states = _margins(group, "state_fips", "state_return_count", "state_amount")
    steps = [*states, *bands] * ROUNDS if states else bands
    for rows, count, total in steps:
        fixed, free = rows[keeps[rows]], rows[waits[rows]]
        if free.size:
            left = total - weights[fixed] @ dollars[fixed]
            aim = Aim(count - weights[fixed].sum(), left, max(left, SPARE * total))
            moved = _aligned(odds[free], dollars[free], weights[free], aim)
            odds[free] = np.clip(moved, -FARTHEST, FARTHEST)
    return np.asarray(keeps | spread_evenly(np.where(waits, expit(odds), 0), _order(group), start))


def _order(group: pd.DataFrame) -> NDArray[np.intp]:
    """Order by state, band and amount, so that each has the receivers it is due."""
    states = [group["state_fips"]] if "state_fips" in group else []
    keys = [group["tax_unit_id"], group["amount"], group["adjusted_gross_income_lower"], *states]
    return np.asarray(np.lexsort(keys))


def _margins(
    group: pd.DataFrame, name: str, count: str, total: str
) -> list[tuple[NDArray[np.intp], float, float]]:
    """List for each class of a margin its rows, and its published count and total."""
    if name not in group or group[count].isna().all():
        return []
    return [
        (np.asarray(rows), float(group[count].iloc[rows[0]]), float(group[total].iloc[rows[0]]))
        for _, rows in sorted(group.groupby(name, sort=True).indices.items())
    ]
