"""Who receives an income that a survey hears of too seldom, brought to published counts."""

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from steelyard.impute.uniforms import keyed_uniforms

Floats = NDArray[np.float64]

# Odds change by at most this power of the amount; beyond, only the count is met.
STEEPEST = 4.0
# Odds of e^40 are certain.
FARTHEST = 40.0
# A count is met to this share, in at most so many steps.
CLOSE = 1e-9
STEPS = 200


def align_receipts(
    propensity: ArrayLike,
    amounts: ArrayLike,
    weights: ArrayLike,
    uniforms: ArrayLike,
    *,
    count: float,
    total: float,
) -> NDArray[np.bool_]:
    """Choose who receives the amount drawn for each, so that count and total come out as told.

    The odds of candidate i are moved by one factor for all and one power of the amount,

        logit P_i = logit p_i + a + b log(amount_i / mean amount),

    with a and b such that the expected weighted count and total are the wanted ones: an alignment
    by logit shift that lets small amounts be missed more often than large ones. Amounts stay.

    Parameters
    ----------
    propensity
        Shape (n,), in (0, 1): how likely each is to receive, up to the alignment.
    amounts
        Shape (n,), dollars above 0: what each would receive.
    weights, uniforms
        Shape (n,): units represented, and the candidate's own random number in [0, 1).
    count, total
        Weighted receipts and dollars wanted. More than all have is all of them; a total that no
        power between -4 and 4 brings about is met as far as that goes, the count first.

    Returns
    -------
    ndarray of shape (n,), who receives.

    Raises
    ------
    ValueError
        If a propensity is not inside (0, 1) or an amount not above 0; says how many.
    """
    chances, dollars = np.asarray(propensity, float), np.asarray(amounts, float)
    stands_for, own = np.asarray(weights, float), np.asarray(uniforms, float)
    _refuse("propensity is not inside (0, 1)", ~((chances > 0) & (chances < 1)))
    _refuse("amount is not above 0", ~(dollars > 0))
    if count <= 0 or count >= stands_for.sum():
        return np.full(len(chances), count > 0)
    base = logit(chances)
    sizes = np.log(dollars / (stands_for @ dollars / stands_for.sum()))

    def probabilities(power: float) -> Floats:
        return _shifted(base + power * sizes, stands_for, count)

    def excess(power: float) -> float:
        return float(stands_for @ (probabilities(power) * dollars)) - total

    if excess(-STEEPEST) >= 0 or excess(STEEPEST) <= 0:
        power = -STEEPEST if excess(-STEEPEST) >= 0 else STEEPEST
    else:
        power = brentq(excess, -STEEPEST, STEEPEST, xtol=1e-6)
    return np.asarray(own < probabilities(power))


def _refuse(what: str, wrong: NDArray[np.bool_]) -> None:
    if wrong.any():
        raise ValueError(f"align_receipts: {what} for {int(wrong.sum())} of {len(wrong)}")


def _shifted(odds: Floats, weights: Floats, count: float) -> Floats:
    """Return probabilities of log odds moved so that the weighted count is met: Newton, kept in."""
    reach = FARTHEST + float(np.abs(odds).max())
    low, high, shift = -reach, reach, 0.0
    for _ in range(STEPS):
        chances = np.asarray(expit(odds + shift))
        excess = float(weights @ chances) - count
        if abs(excess) <= CLOSE * count:
            break
        low, high = (low, shift) if excess > 0 else (shift, high)
        slope = float(weights @ (chances * (1 - chances)))
        step = shift - excess / slope if slope > 0 else low
        shift = step if low < step < high else (low + high) / 2
    return chances


def align_bands(candidates: pa.Table, seed: int, imputed: tuple[str, ...] = ()) -> pa.Table:
    """Align the receipts of each income and band of adjusted gross income.

    Where fewer reported an income than is published, they keep it, and the rest of the count and
    of the dollars goes to candidates. Where more did, they keep it too, unless the survey's amounts
    are themselves imputed: then so many keep it as is published.

    Parameters
    ----------
    candidates
        One row an income and unit: ``income``, ``tax_unit_id``, ``is_reported``,
        ``adjusted_gross_income_lower`` (the band), ``design_weight``, ``propensity``, ``amount``,
        and of the band ``return_count`` and ``published_amount``.
    seed
        Seed of the build; each unit has a number of its own for each income.
    imputed
        Incomes whose reported amounts may be taken away.

    Returns
    -------
    Table of ``income``, ``tax_unit_id`` and ``is_reported`` of those that have the income.
    """
    records = candidates.to_pandas()
    chosen = np.zeros(len(records), dtype=bool)
    for (income, _), band in records.groupby(["income", "adjusted_gross_income_lower"], sort=True):
        own = keyed_uniforms(seed, ("impute", "receipt", str(income)), band["tax_unit_id"])
        told = band["is_reported"].to_numpy()
        weights, amounts = band["design_weight"].to_numpy(), band["amount"].to_numpy()
        count, total = band["return_count"].iloc[0], band["published_amount"].iloc[0]
        propensity = band["propensity"].to_numpy()
        keeps = told.copy()
        if income in imputed and weights[told].sum() > count:
            keeps[told] = align_receipts(
                np.full(told.sum(), 0.5), amounts[told], weights[told], own[told],
                count=count, total=total,
            )  # fmt: skip
        keeps[~told] = align_receipts(
            propensity[~told], amounts[~told], weights[~told], own[~told],
            count=count - weights[keeps].sum(), total=total - weights[keeps] @ amounts[keeps],
        )  # fmt: skip
        chosen[records.index.get_indexer(band.index)] = keeps
    kept = records.loc[chosen, ["income", "tax_unit_id", "is_reported"]]
    return pa.Table.from_pandas(kept, preserve_index=False)
