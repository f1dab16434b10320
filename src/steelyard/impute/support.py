"""How far recipients lie outside what donors show, and a warning where it matters most."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# A predictor of whole numbers with no more than so many among the donors is taken for a code.
MOST_CODES = 32


class UnseenCategoryWarning(UserWarning):
    """Recipients have a code that no donor has, and are drawn for as their nearest code."""


def support_table(
    predictors: Sequence[str], known: NDArray[np.float32], donors: NDArray[np.float32]
) -> pd.DataFrame:
    """Return shares of recipients outside the donors' values, predictor by predictor.

    Parameters
    ----------
    predictors
        Names of the columns.
    known, donors
        Shape (n_recipients, n_predictors) and (n_donors, n_predictors).

    Returns
    -------
    DataFrame indexed by predictor with ``below``, ``above`` and ``unseen``.
    """
    shares = {
        "below": (known < donors.min(axis=0)).mean(axis=0),
        "above": (known > donors.max(axis=0)).mean(axis=0),
        "unseen": [
            (~np.isin(column, seen)).mean() for column, seen in zip(known.T, donors.T, strict=True)
        ],
    }
    return pd.DataFrame(shares, index=pd.Index(list(predictors), name="predictor"))


def warn_of_unseen(
    predictors: Sequence[str],
    known: NDArray[np.float32],
    donors: NDArray[np.float32],
    stacklevel: int,
) -> None:
    """Warn, once for each predictor that is a code, of recipients with a code no donor has.

    Parameters
    ----------
    predictors, known, donors
        As in `support_table`.
    stacklevel
        As in `warnings.warn`, so that the warning names the caller's line.
    """
    for name, column, seen in zip(predictors, known.T, donors.T, strict=True):
        if not _is_code(seen):
            continue
        values, counts = np.unique(column, return_counts=True)
        new = ~np.isin(values, seen)
        if new.any():
            warnings.warn(
                f"recipient: {counts[new].sum()} of {len(column)} have values of {name!r} that no "
                f"donor has (first: {values[new][:3].tolist()}); they are drawn for as the "
                "nearest value; see support()",
                UnseenCategoryWarning,
                stacklevel=stacklevel,
            )


def _is_code(seen: NDArray[np.float32]) -> bool:
    values = np.unique(seen)
    return len(values) <= MOST_CODES and bool((values == np.round(values)).all())
