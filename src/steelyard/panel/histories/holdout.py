"""Ways to draw a life, judged on families that they have not seen.

Of each held-out life one known year is kept, as a cross-section has one; all others are drawn, by
each way from the other families, and compared with what they were.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np
import pyarrow as pa

from steelyard.frame import stream
from steelyard.impute import ImputeConfig
from steelyard.panel.histories import scores
from steelyard.panel.histories.chain import Chain
from steelyard.panel.histories.lifetime import Averages
from steelyard.panel.histories.trajectories import Trajectories
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, UNKNOWN, Lives, People

HELD_OUT, DRAWS = 0.2, 3
LAGS = (1, 5, 10)
QUANTILES = (10, 25, 50, 75, 90)
BANDS = (scores.ALL_AGES, (25, 35), (35, 45), (45, 55), (55, 65))
SCORES = pa.schema(
    [
        ("dataset_id", pa.string()),
        ("method", pa.string()),
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
    """Judge every way to draw lives on a fifth of the families.

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
    Table of ``SCORES``: ``held_out_value`` of the true lives; ``donor_value`` of the families that
    were drawn from, which says how far chance alone takes two parts of a panel apart;
    ``drawn_value`` over `DRAWS` draws, and its ratio to the first. Of ``transition_distance``, the
    total variation to the held-out matrix, the first is 0, and there is no ratio.

    Raises
    ------
    ValueError
        If fewer than two families have a life with two known years.
    """
    lives = lives.take(lives.known.sum(axis=1) >= 2)
    families = np.unique(lives.family)
    if len(families) < 2:
        raise ValueError(f"{dataset_id}: {len(families)} families with two known years of a life")
    shuffled = stream(config.seed, config.name, "held out").permutation(families)
    apart = np.isin(lives.family, shuffled[: max(1, round(HELD_OUT * len(families)))])
    donors, true = lives.take(~apart), lives.take(apart)
    start = _one_year(true, config)
    rows = []
    for method, way in fit(donors, config).items():
        drawn = _stacked(
            [
                _where_known(way.complete(start, config.seed + draw, (FIRST_AGE, LAST_AGE)), true)
                for draw in range(DRAWS)
            ]
        )
        rows += [
            {"dataset_id": dataset_id, "method": method, "person_count": len(true.people)} | row
            for row in (*_compared(true, donors, drawn), *_averaged(true, donors, drawn, averages))
        ]
    return pa.Table.from_pylist(rows, SCORES)


def _compared(true: Lives, donors: Lives, drawn: Lives) -> Iterator[dict[str, object]]:
    for lag in LAGS:
        matrix = scores.transitions(true, lag)
        far = [matrix.distance(scores.transitions(other, lag)) for other in (donors, drawn)]
        yield _row("transition_distance", lag, scores.ALL_AGES, (0.0, *far))
    for ages in BANDS:
        for lag in LAGS:
            found = [scores.rank_correlation(of, lag, ages) for of in (true, donors, drawn)]
            yield _row("rank_correlation", lag, ages, found)
        for statistic in (
            scores.share_at_work,
            scores.long_spell_share,
            scores.career_spread,
            scores.lasting_share,
        ):
            values = [statistic(of, ages) for of in (true, donors, drawn)]
            yield _row(statistic.__name__, None, ages, values)


def _averaged(
    true: Lives, donors: Lives, drawn: Lives, averages: Averages | None
) -> Iterator[dict[str, object]]:
    if averages is None:
        return
    of = [(averages(lives), lives.people.weight) for lives in (true, donors, drawn)]
    for percent in QUANTILES:
        values = [scores.quantile(value, weight, percent / 100) for value, weight in of]
        yield _row(f"aime_p{percent}", None, scores.ALL_AGES, values)


def _row(
    statistic: str, lag: int | None, ages: tuple[int, int], values: tuple[float, ...] | list[float]
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
