"""What is asked of a donor or recipient table before anything is fitted."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

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
    check_present(table, columns, role)
    if len(table) == 0:
        raise ValueError(f"{role}: the table has no rows")
    wanted = table.select(list(columns)).to_pandas() if isinstance(table, pa.Table) else table
    return pd.DataFrame({column: _numbers(wanted[column], column, role) for column in columns})


def check_present(table: Table, columns: Sequence[str], role: str) -> None:
    """Check that each column occurs once.

    Raises
    ------
    ValueError
        If a column is missing (the message names the nearest) or repeated.
    """
    names = list(table.column_names if isinstance(table, pa.Table) else table.columns)
    for column in columns:
        if names.count(column) != 1:
            near = get_close_matches(column, [str(name) for name in names], n=1)
            raise ValueError(
                f"{role}: column {column!r} occurs {names.count(column)} times, not once"
                + (f"; did you mean {near[0]!r}?" if near and near[0] != column else "")
            )


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
    wide = np.empty((len(table), len(columns)), dtype=np.float32)
    for place, column in enumerate(columns):
        values = select(table, [column], role)[column].to_numpy(dtype=np.float64)
        wide[:, place] = as_feature(values, column, role)
    return wide


def as_feature(values: NDArray[np.float64], column: str, role: str) -> NDArray[np.float32]:
    """Return a column as trees read it; raise a ValueError if float32 cannot hold a value."""
    too_large = np.flatnonzero(np.abs(values) > np.finfo(np.float32).max)
    if too_large.size:
        raise ValueError(
            f"{role}: column {column!r} holds {values[too_large[0]]:g} in row {too_large[0]}, "
            f"too large for a predictor; {len(too_large)} such values"
        )
    return values.astype(np.float32)


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


def named_ids(table: Table, ids: str | ArrayLike, role: str, what: str = "key") -> NDArray[Any]:
    """Return ids given as a column's name or as an array, of shape (n_records,).

    Parameters
    ----------
    table, role
        As in `select`.
    ids
        Name of a column, or array of shape (n_records,), of integers or strings.
    what
        How messages call the ids.

    Raises
    ------
    ValueError
        If the column is absent or the shape is wrong.
    """
    if isinstance(ids, str):
        names = table.column_names if isinstance(table, pa.Table) else table.columns
        if ids not in names:
            raise ValueError(f"{role}: there is no {what} column {ids!r}")
        ids = table[ids].to_pandas() if isinstance(table, pa.Table) else table[ids]
    found: NDArray[Any] = np.asarray(ids)
    if found.shape != (len(table),):
        raise ValueError(f"{role}: {len(table)} rows but {what}s of shape {found.shape}")
    return found


def unique_keys(recipient: Table, key: str | ArrayLike | None) -> NDArray[Any]:
    """Return the recipients' keys, of shape (n_recipients,); row numbers where none is given.

    Raises
    ------
    ValueError
        If the key column is absent, the shape is wrong or a key repeats.
    """
    count = len(recipient)
    if key is None:
        return np.arange(count)
    ids = named_ids(recipient, key, "recipient")
    values, first = np.unique(ids, return_index=True)
    if len(values) < count:
        again = np.setdiff1d(np.arange(count), first)
        raise ValueError(
            f"recipient: {len(again)} of {count} keys repeat an earlier one "
            f"(first: {ids[again[:3]].tolist()}); equal keys would get equal draws"
        )
    return ids


def categories(table: Table, column: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return the classes of a categorical target as integers, and what they stand for.

    Parameters
    ----------
    table
        pandas DataFrame or pyarrow Table of shape (n_donors, any).
    column
        A column of integers, booleans, floats or strings.

    Returns
    -------
    codes, labels
        Shape (n_donors,), from 0 on, and the distinct labels in ascending order.

    Raises
    ------
    ValueError
        If a value is missing, or values are neither all numbers nor all strings.
    """
    check_present(table, [column], "donor")
    series = table[column].to_pandas() if isinstance(table, pa.Table) else table[column]
    missing = np.flatnonzero(series.isna().to_numpy())
    if missing.size:
        raise ValueError(
            f"donor: category {column!r} is missing in {missing.size} of {len(series)} rows "
            f"(first rows: {missing[:3].tolist()}); give them a code or leave them out"
        )
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if pd.api.types.is_numeric_dtype(series.dtype):
        labels, codes = np.unique(_numbers(series, column, "donor"), return_inverse=True)
        return codes.astype(np.int64), labels
    text = series.astype(object).to_numpy()
    if pd.api.types.infer_dtype(text, skipna=False) != "string":
        raise ValueError(
            f"donor: category {column!r} is {series.dtype} with values that are neither all "
            f"numbers nor all strings (first: {text[:3].tolist()})"
        )
    labels, codes = np.unique(text, return_inverse=True)
    return codes.astype(np.int64), labels
