"""What is asked of a donor or recipient table before anything is fitted."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Table: TypeAlias = pd.DataFrame | pa.Table


def select(table: Table, columns: Sequence[str], role: str) -> pd.DataFrame:
    """Return named numeric columns of a table, checked, rows counted from 0.

    Parameters
    ----------
    table
        pandas DataFrame or pyarrow Table of shape (n_records, any).
    columns
        Names wanted, in the order wanted.
    role
        ``"donor"`` or ``"recipient"``: how messages call the table.

    Returns
    -------
    DataFrame of shape (n_records, len(columns)), of NumPy dtypes; integers and booleans stay
    what they are.

    Raises
    ------
    ValueError
        If the table has no rows, a column is missing (the message names the nearest), repeated
        or not numeric, or a value is missing or not finite (count and first three rows).
    """
    names = list(table.column_names if isinstance(table, pa.Table) else table.columns)
    for column in columns:
        if names.count(column) != 1:
            near = get_close_matches(column, [str(name) for name in names], n=1)
            raise ValueError(
                f"{role}: column {column!r} occurs {names.count(column)} times, not once"
                + (f"; did you mean {near[0]!r}?" if near and near[0] != column else "")
            )
    if len(table) == 0:
        raise ValueError(f"{role}: the table has no rows")
    wanted = table.select(list(columns)).to_pandas() if isinstance(table, pa.Table) else table
    return pd.DataFrame({column: _numbers(wanted[column], column, role) for column in columns})


def _numbers(series: "pd.Series[float]", column: str, role: str) -> NDArray[np.generic]:
    """Return a column as a finite NumPy array."""
    if not pd.api.types.is_numeric_dtype(series.dtype):
        raise ValueError(
            f"{role}: column {column!r} is {series.dtype}, not numeric "
            f"(first: {series.iloc[0]!r}); give numbers or codes"
        )
    as_float = series.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(as_float))
    if wrong.size:
        raise ValueError(
            f"{role}: column {column!r} has {wrong.size} of {as_float.size} values missing or "
            f"not finite (first rows: {wrong[:3].tolist()}); impute or leave out those records"
        )
    is_whole = pd.api.types.is_integer_dtype(series.dtype) or pd.api.types.is_bool_dtype(
        series.dtype
    )
    return series.to_numpy(dtype=str(series.dtype).lower()) if is_whole else as_float


def features(table: Table, columns: Sequence[str], role: str) -> NDArray[np.float32]:
    """Return predictors as trees read them: float32 of shape (n_records, len(columns)).

    Raises
    ------
    ValueError
        As `select`, and if a value is too large for float32.
    """
    wide = select(table, columns, role).to_numpy(dtype=np.float64)
    too_large = np.argwhere(np.abs(wide) > np.finfo(np.float32).max)
    if too_large.size:
        row, column = too_large[0]
        raise ValueError(
            f"{role}: column {columns[column]!r} holds {wide[row, column]:g} in row {row}, "
            f"too large for a predictor; {len(too_large)} such values"
        )
    return wide.astype(np.float32)


def donor_weights(table: Table, column: str | None) -> NDArray[np.float64]:
    """Return donor weights of shape (n_donors,); ones where no column is named.

    Raises
    ------
    ValueError
        As `select`, and if a weight is negative or all are zero.
    """
    if column is None:
        return np.ones(len(table))
    weights = select(table, [column], "donor")[column].to_numpy(dtype=np.float64)
    negative = np.flatnonzero(weights < 0)
    if negative.size:
        raise ValueError(
            f"donor: weight {column!r} is negative in {negative.size} of {weights.size} rows "
            f"(first rows: {negative[:3].tolist()}); leave those donors out"
        )
    if not weights.any():
        raise ValueError(f"donor: weight {column!r} is zero in all {weights.size} rows")
    return weights
