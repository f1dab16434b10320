"""Chances made to add up to what is published, and events drawn so that they do.

Notation: p_i the chance of person i, w_i the persons represented, N the number of events wanted.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import expit, logit

from steelyard.panel.lives import Bools, Floats, Ints

Method = Literal["logit", "multiplicative"]
Sampling = Literal["systematic", "sorted_difference", "sorted_logit_difference", "independent"]
_REACH = 60.0


class Aligned(NamedTuple):
    """Chances that add up, and what it took.

    Parameters
    ----------
    chances
        (n,) in [0, 1].
    factors
        (n_groups,) what each group was moved by: added to the logit, or multiplied.
    missed
        (n_groups,) events wanted that not even certainty for all gives; 0 as a rule.
    """

    chances: Floats
    factors: Floats
    missed: Floats


def align(
    chances: ArrayLike,
    weights: ArrayLike,
    wanted: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    method: Method = "logit",
) -> Aligned:
    """Move the chances of each group so that its expected events are as many as wanted.

    Parameters
    ----------
    chances, weights
        (n,) between 0 and 1; persons represented, not negative.
    wanted
        (n_groups,) events of each group, persons, not negative; nan leaves a group as it is.
    groups
        (n,) number of each person's group; left out, all are of one.
    method
        ``"logit"``: logits of a group move by one number c with Σ w σ(logit p + c) = N, the
        change of least relative entropy, which keeps odds ratios. ``"multiplicative"``: chances
        are multiplied by N / Σ w p and cut at 1.

    Returns
    -------
    Aligned

    Raises
    ------
    ValueError
        If a chance lies outside [0, 1], a weight or a wanted number is negative, or a group is
        not among those wanted.

    Notes
    -----
    Li and O'Donoghue (2014), "Evaluating binary alignment methods in microsimulation models",
    JASSS 17(1). Chances of 0 and 1 stay what they are.
    """
    chance, weight = np.asarray(chances, np.float64), np.asarray(weights, np.float64)
    number = np.atleast_1d(np.asarray(wanted, np.float64))
    group = np.zeros(len(chance), np.int64) if groups is None else np.asarray(groups, np.int64)
    _refuse(chance, weight, number, group)
    found = chance.copy()
    factors, missed = np.full(len(number), 0.0 if method == "logit" else 1.0), np.zeros(len(number))
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(len(number) + 1))
    move = _by_logit if method == "logit" else _by_factor
    for at in np.flatnonzero(~np.isnan(number)):
        rows = order[bounds[at] : bounds[at + 1]]
        found[rows], factors[at] = move(chance[rows], weight[rows], number[at])
        missed[at] = number[at] - weight[rows] @ found[rows]
    return Aligned(
        found, factors, np.where(np.abs(missed) < 1e-6 * np.maximum(number, 1), 0, missed)
    )


def draw_events(
    chances: ArrayLike,
    weights: ArrayLike,
    uniforms: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    sampling: Sampling = "systematic",
) -> Bools:
    """Draw who has the event.

    Parameters
    ----------
    chances, weights
        (n,) as `align` returns them; persons represented.
    uniforms
        (n,) in [0, 1), one a person, by which the draw depends on the person and not on the place.
    groups
        (n,) number of each person's group, in which events add up; left out, all are of one.
    sampling
        ``"systematic"``: persons of a group are put in the order of their uniform numbers, and
        one in turn is taken whenever the sum of w p has grown by the mean weight of the event:
        the weighted number of events is the expected one to within the weight of one person.
        ``"sorted_difference"`` (SBD) takes those with the largest p - u until the expected number
        is reached, ``"sorted_logit_difference"`` (SBDL) those with the largest logit p - logit u;
        ``"independent"``: u < p, with all the noise of a sample.

    Returns
    -------
    bool (n,)
    """
    chance, weight = np.asarray(chances, np.float64), np.asarray(weights, np.float64)
    uniform = np.asarray(uniforms, np.float64)
    group = np.zeros(len(chance), np.int64) if groups is None else np.asarray(groups, np.int64)
    if sampling == "independent":
        return np.asarray(uniform < chance)
    if sampling == "systematic":
        return _systematic(chance, weight, uniform, group)
    key = chance - uniform
    if sampling == "sorted_logit_difference":
        key = _logit(chance) - _logit(uniform)
    order = np.lexsort((-key, group))
    return _first_of_each(chance, weight, group, order)


def _by_logit(chance: Floats, weight: Floats, wanted: float) -> tuple[Floats, float]:
    free = (chance > 0) & (chance < 1) & (weight > 0)
    certain = float(weight @ np.where(chance >= 1, 1.0, 0.0))
    most = certain + float(weight[free].sum())
    moved = chance.copy()
    if not free.any() or wanted >= most or wanted <= certain:
        factor = np.inf if wanted >= most else -np.inf
        moved[free] = 1.0 if wanted >= most else 0.0
        return moved, factor if free.any() else 0.0
    logits, mass = logit(chance[free]), weight[free]

    def gap(by: float) -> float:
        return float(mass @ expit(logits + by)) - (wanted - certain)

    factor = brentq(gap, -_REACH, _REACH, xtol=1e-10)
    moved[free] = expit(logits + factor)
    return moved, float(factor)


def _by_factor(chance: Floats, weight: Floats, wanted: float) -> tuple[Floats, float]:
    expected = float(weight @ chance)
    factor = wanted / expected if expected > 0 else 1.0
    return np.minimum(chance * factor, 1.0), factor


def _systematic(chance: Floats, weight: Floats, uniform: Floats, group: Ints) -> Bools:
    """Walk through each group in random order; take whoever carries the sum over a mark.

    Marks lie one event apart for persons of equal weight. With unequal weights a person is
    expected to count w p, and being taken counts w: the sum of what was taken follows the sum of
    what was expected, and a person is taken if that brings the first nearer to the second.
    """
    order = np.lexsort((uniform, group))
    taken = np.zeros(len(chance), np.bool_)
    fresh = np.diff(group[order], prepend=group[order][:1] - 1) != 0
    starts = np.flatnonzero(fresh)
    for start, stop in zip(starts, [*starts[1:], len(order)], strict=True):
        rows = order[start:stop]
        taken[rows] = _walk(chance[rows], weight[rows], uniform[rows])
    return taken


def _walk(chance: Floats, weight: Floats, uniform: Floats) -> Bools:
    if np.ptp(weight) <= 1e-9 * weight.max():
        # Sidewalk sampling: the whole part of the sum grows where an event falls.
        begin = (uniform * 7919.0) % 1.0
        total = np.cumsum(chance) + begin[0]
        grown = np.diff(np.floor(total + 1e-12), prepend=np.floor(begin[0]))
        return np.asarray(grown > 0, dtype=np.bool_)
    taken = np.zeros(len(chance), np.bool_)
    owed = 0.0
    for at in range(len(chance)):
        owed += weight[at] * chance[at]
        if chance[at] > 0 and owed >= weight[at] * 0.5:
            taken[at] = True
            owed -= weight[at]
    return taken


def _first_of_each(chance: Floats, weight: Floats, group: Ints, order: Ints) -> Bools:
    wanted = np.bincount(group, weight * chance)
    sorted_group, mass = group[order], weight[order]
    upto = np.cumsum(mass)
    start = np.flatnonzero(np.diff(sorted_group, prepend=sorted_group[:1] - 1) != 0)
    before = np.repeat(upto[start] - mass[start], np.diff([*start, len(order)]))
    middle = upto - before - mass / 2
    taken = np.zeros(len(chance), np.bool_)
    taken[order] = (middle < wanted[sorted_group]) & (chance[order] > 0)
    return taken


def _logit(values: Floats) -> Floats:
    return np.asarray(logit(np.clip(values, 1e-12, 1 - 1e-12)))


def _refuse(chance: Floats, weight: Floats, wanted: Floats, group: Ints) -> None:
    for name, bad, values in (
        ("chances outside [0, 1]", ~((chance >= 0) & (chance <= 1)), chance),
        ("weights that are negative or not finite", ~(np.isfinite(weight) & (weight >= 0)), weight),
        ("numbers wanted that are negative", wanted < 0, wanted),
        (f"groups that are none of {len(wanted)}", (group < 0) | (group >= len(wanted)), group),
    ):
        if bad.any():
            raise ValueError(f"align: {bad.sum()} {name}, the first {values[bad][:3].tolist()}")
