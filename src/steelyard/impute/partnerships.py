"""Which of the business income that was drawn is from partnerships, and what of that is a loss."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.impute.receipts import receivers, taxed_benefits
from steelyard.impute.uniforms import keyed_uniforms

# How likely, before the alignment, a loss that was drawn is to be one from partnerships, and
# anything else that was drawn to be what is sought. Assumptions: no source has them, and all that
# they say is that a loss which was told comes first. Among gains all odds are alike.
DRAWN_LOSS = 0.9
MIRRORED = 0.1
BAND = "adjusted_gross_income_lower"


def align_partnerships(candidates: pa.Table, bands: pa.Table, seed: int) -> pa.Table:
    """Say who has gains, and who has losses, from partnerships and S corporations.

    A survey of wealth asks for all income from businesses, so that what it exceeds told
    self-employment by stands for small businesses nobody told of, too. Gains stay with so many of
    those who drew one as are published for the band of adjusted gross income that they would have,
    with as many dollars, each state having its part of both (`receivers`). Of losses a tenth of
    the dollars are drawn: a survey hears of what is left of all businesses. Whoever drew a loss,
    and who drew a gain that is not from partnerships, may have a loss of the size drawn, so many of
    each band as are published.

    Parameters
    ----------
    candidates
        One row a tax unit and copy: ``tax_unit_id``, ``copy_id``, ``household_id``,
        ``state_fips``, ``design_weight`` (units), ``drawn_business_income``, ``income_on_return``
        without it, ``exempt_interest``, ``social_security``, ``base_amount`` and
        ``adjusted_base_amount`` (IRC 86), all dollars a year; ``state_count_share`` and
        ``state_amount_share``, the state's part of the nation's returns and dollars.
    bands
        One row a band of adjusted gross income: ``adjusted_gross_income_lower``, ``gain_count``,
        ``gain_amount``, ``loss_count``, ``loss_amount``; amounts of losses are positive.
    seed
        Seed of the build, which decides where receivers begin to be spread.

    Returns
    -------
    Table of ``tax_unit_id``, ``copy_id``, ``household_id`` and ``partnership_income``, not 0, of
    those that have any.
    """
    units = candidates.to_pandas()
    published = bands.to_pandas().sort_values(BAND, ignore_index=True)
    drawn = units["drawn_business_income"].to_numpy(float)
    starts = keyed_uniforms(seed, ("impute", "partnership"), [0, 1])
    income = np.zeros(len(units))
    for kind, sign, start in zip(("gain", "loss"), (1, -1), starts.tolist(), strict=True):
        waiting = np.flatnonzero((drawn > 0) & (income == 0) if sign > 0 else income == 0)
        group = _group(units.iloc[waiting], published, kind, sign)
        chosen = waiting[receivers(group, start, is_imputed=False)]
        income[chosen] = sign * np.abs(drawn[chosen])
    kept = units.loc[income != 0, ["tax_unit_id", "copy_id", "household_id"]]
    return pa.Table.from_pandas(
        kept.assign(partnership_income=income[income != 0]), preserve_index=False
    )


def _group(units: pd.DataFrame, published: pd.DataFrame, kind: str, sign: int) -> pd.DataFrame:
    """Lay candidates of one kind out as `receivers` asks: in the band that they would be in."""
    drawn = units["drawn_business_income"].to_numpy(float)
    names = ("exempt_interest", "social_security", "base_amount", "adjusted_base_amount")
    others = (units[name].to_numpy(float) for name in names)
    income = units["income_on_return"].to_numpy(float) + sign * np.abs(drawn)
    edges = published[BAND].to_numpy(float)
    band = _place(edges, income + taxed_benefits(income, *others))
    count, amount = (published[f"{kind}_{of}"].to_numpy(float) for of in ("count", "amount"))
    return pd.DataFrame(
        {
            "tax_unit_id": units["tax_unit_id"].to_numpy(),
            "is_reported": False,
            "design_weight": units["design_weight"].to_numpy(float),
            "propensity": np.where(drawn < 0, DRAWN_LOSS, MIRRORED),
            "amount": np.abs(drawn),
            BAND: edges[band],
            "return_count": count[band],
            "published_amount": amount[band],
            "state_fips": units["state_fips"].to_numpy(),
            "state_return_count": count.sum() * units["state_count_share"].to_numpy(float),
            "state_amount": amount.sum() * units["state_amount_share"].to_numpy(float),
        }
    )


def _place(edges: NDArray[np.float64], income: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.maximum(np.searchsorted(edges, income, side="right") - 1, 0)
