"""Ways to draw a life, judged on families that they have not seen.

Of each held-out life one known year is kept, as a cross-section has one; all others are drawn, by
each way from the other families, and compared with what they were.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
import pyarrow as pa

from steelyard.frame import stream
from steelyard.impute import ImputeConfig
from steelyard.panel.histories import scores
from steelyard.panel.histories.chain import Chain
from steelyard.panel.histories.lifetime import Averages
from steelyard.panel.histories.trajectories import Trajectories
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, UNKNOWN, Bools, Floats, Ints, Lives, People

#: Parts of a panel, each of which is held out once, and draws of each held-out life.
PARTS, DRAWS = 5, 3
#: The part that stands for all of them together.
TOGETHER = 0
LAGS = (1, 5, 10)
QUANTILES = (10, 25, 50, 75, 90)
BANDS = (scores.ALL_AGES, (25, 35), (35, 45), (45, 55), (55, 65))
OF_YEARS = (
    scores.share_at_work,
    scores.long_spell_share,
    scores.career_spread,
    scores.lasting_share,
)
SCORES = pa.schema(
    [
        ("dataset_id", pa.string()),
        ("method", pa.string()),
        ("part", pa.int32()),
        ("statistic", pa.string()),
        ("lag_years", pa.int32()),
        ("age_lower", pa.int32()),
        ("age_upper", pa.int32()),
        ("person_count", pa.int64()),
        ("held_out_value", pa.float64()),
        ("donor_value", pa.float64()),
        ("drawn_value", pa.float64()),
        ("drawn_ratio", pa.float64()),
    ]
)


class Way(Protocol):
    """A fitted way to draw lives."""

    def complete(self, lives: Lives, seed: int, ages: tuple[int, int]) -> Lives:
        """Draw every unknown year between two ages."""


def ways(lives: Lives, config: ImputeConfig) -> dict[str, Way]:
    """Fit every way that is judged: donors' trajectories, the chain, and the naive chain."""
    return {
        "trajectories": Trajectories.fit(lives, f"{config.name}/trajectories", config.seed),
        "chain": Chain.fit(lives, replace(config, name=f"{config.name}/chain")),
        "first_order": Chain.fit(lives, replace(config, name=f"{config.name}/first"), "short"),
    }


def judge(
    dataset_id: str,
    lives: Lives,
    config: ImputeConfig,
    fit: Callable[[Lives, ImputeConfig], dict[str, Way]] = ways,
    averages: Averages | None = None,
) -> pa.Table:
    """Judge every way to draw lives on every fifth of the families, drawn from the others.

    Parameters
    ----------
    dataset_id
        Name of the panel.
    lives
        The panel.
    config
        Seed, name and forests.
    fit
        Fits ways by name.
    averages
        Lifetime averages in dollars, whose quantiles are compared; None where dollars are unknown.

    Returns
    -------
    Table of ``SCORES``, for each of `PARTS` parts, and for all in part `TOGETHER`, where every life
    was drawn when its own part was held out: ``held_out_value`` of the true lives; ``donor_value``
    of the families that were drawn from, which says how far chance alone takes two parts of a
    panel apart, null of all parts together; ``drawn_value`` over `DRAWS` draws, and its ratio to
    the first. Of ``transition_distance``, the total variation to the held-out matrix, the first is
    0, and there is no ratio.

    Raises
    ------
    ValueError
        If fewer than two families have a life with two known years.
    """
    lives = lives.take(lives.known.sum(axis=1) >= 2)
    families = np.unique(lives.family)
    if len(families) < 2:
        raise ValueError(f"{dataset_id}: {len(families)} families with two known years of a life")
    rows = []
    pooled: dict[str, list[tuple[Lives, Lives]]] = {}
    for part, apart in enumerate(_parts(lives, families, config), start=1):
        donors, true = lives.take(~apart), lives.take(apart)
        for method, way in fit(donors, config).items():
            drawn = _drawn(way, true, config)
            pooled.setdefault(method, []).append((true, drawn))
            named = {"dataset_id": dataset_id, "method": method, "part": part}
            rows += [named | row for row in _compared(true, donors, drawn, averages)]
    for method, parts in pooled.items():
        true, drawn = (_stacked(list(each)) for each in zip(*parts, strict=True))
        named = {"dataset_id": dataset_id, "method": method, "part": TOGETHER}
        rows += [named | row for row in _compared(true, None, drawn, averages)]
    return pa.Table.from_pylist(rows, SCORES)


def _parts(lives: Lives, families: Ints, config: ImputeConfig) -> Iterator[Bools]:
    """Yield who is held out, (n,), of each part: every family once."""
    shuffled = stream(config.seed, config.name, "held out").permutation(families)
    count = min(PARTS, len(families))
    for part in range(count):
        yield np.isin(lives.family, shuffled[part::count])


def _drawn(way: Way, true: Lives, config: ImputeConfig) -> Lives:
    """Draw lives anew from one year of each, where the true ones are known."""
    start = _one_year(true, config)
    ages = (FIRST_AGE, LAST_AGE)
    draws = [way.complete(start, config.seed + draw, ages) for draw in range(DRAWS)]
    return _stacked([_where_known(each, true) for each in draws])


def _compared(
    true: Lives, donors: Lives | None, drawn: Lives, averages: Averages | None
) -> Iterator[dict[str, object]]:
    def told(
        name: str, lag: int | None, ages: tuple[int, int], statistic: Callable[[Lives], float]
    ) -> dict[str, object]:
        values = [np.nan if of is None else statistic(of) for of in (true, donors, drawn)]
        return {"person_count": len(true.people)} | _row(name, lag, ages, values)

    for lag in LAGS:
        distance = partial(_distance, scores.transitions(true, lag), lag)
        yield told("transition_distance", lag, scores.ALL_AGES, distance)
    for ages in BANDS:
        for lag in LAGS:
            correlation = partial(scores.rank_correlation, lag=lag, ages=ages)
            yield told("rank_correlation", lag, ages, correlation)
        for statistic in OF_YEARS:
            yield told(statistic.__name__, None, ages, partial(statistic, ages=ages))
    if averages is not None:
        amounts = {id(of): averages(of) for of in (true, donors, drawn) if of is not None}
        for percent in QUANTILES:
            quantile = partial(_quantile, amounts, percent / 100)
            yield told(f"aime_p{percent}", None, scores.ALL_AGES, quantile)


def _distance(matrix: scores.Transitions, lag: int, lives: Lives) -> float:
    return matrix.distance(scores.transitions(lives, lag))


def _quantile(amounts: dict[int, Floats], share: float, lives: Lives) -> float:
    return scores.quantile(amounts[id(lives)], lives.people.weight, share)


def _row(
    statistic: str, lag: int | None, ages: tuple[int, int], values: list[float]
) -> dict[str, object]:
    told = [None if np.isnan(value) else float(value) for value in values]
    true, drawn = told[0], told[2]
    return {
        "statistic": statistic,
        "lag_years": lag,
        "age_lower": ages[0],
        "age_upper": ages[1],
        **dict(zip(("held_out_value", "donor_value", "drawn_value"), told, strict=True)),
        "drawn_ratio": drawn / true if true and drawn is not None else None,
    }


def _one_year(lives: Lives, config: ImputeConfig) -> Lives:
    """Keep one known year of each life, drawn among all."""
    known = lives.known
    chance = stream(config.seed, config.name, "kept year").random(known.shape)
    kept = np.zeros(known.shape, np.bool_)
    kept[np.arange(len(known)), np.where(known, chance, -1.0).argmax(axis=1)] = True
    return _masked(lives, kept)


def _where_known(drawn: Lives, true: Lives) -> Lives:
    return _masked(drawn, true.known)


def _masked(lives: Lives, kept: np.ndarray) -> Lives:
    worked = np.where(kept, lives.worked, UNKNOWN).astype(np.int8)
    rank = np.where(kept, lives.rank, np.nan).astype(np.float32)
    return Lives(lives.people, lives.family, worked, rank)


def _stacked(parts: list[Lives]) -> Lives:
    people = People(
        *(
            np.concatenate([getattr(part.people, name) for part in parts])
            for name in People.__dataclass_fields__
        )
    )
    return Lives(
        people,
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("family", "worked", "rank")
        ),
    )
