"""What a reform changes: year by year, and for whom."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from steelyard.panel.lives import Floats
from steelyard.panel.payments.adequacy import DECILES, mean, weighted_decile
from steelyard.panel.payments.finance import weight_of

COMPARED = (
    "cost",
    "income",
    "taxable_payroll",
    "cost_rate",
    "income_rate",
    "balance_rate",
    "assets",
)


def finance_difference(baseline: pa.Table, reform: pa.Table) -> pa.Table:
    """Return `COMPARED` of both runs and the reform less the baseline, one row a year.

    Parameters
    ----------
    baseline, reform
        Of `steelyard.panel.payments.finance.finances`, the same years.

    Raises
    ------
    ValueError
        If the years differ.
    """
    years = [table["year"].to_pylist() for table in (baseline, reform)]
    if years[0] != years[1]:
        raise ValueError(
            f"baseline has {len(years[0])} year(s) {years[0][:1]} to {years[0][-1:]}, the reform "
            f"{len(years[1])} {years[1][:1]} to {years[1][-1:]}: compare the same years"
        )
    columns = {"year": baseline["year"]}
    for name in COMPARED:
        columns[f"baseline_{name}"], columns[f"reform_{name}"] = baseline[name], reform[name]
        columns[f"{name}_change"] = pc.subtract(reform[name], baseline[name])
    return pa.table(columns)


def winners_and_losers(person: pa.Table, baseline: pa.Table, reform: pa.Table) -> pa.Table:
    """Return whose benefits of a year a reform raises or lowers, by decile of lifetime earnings.

    Deciles are of AIME under the baseline, among those with an own record; decile 0 is the others:
    spouses, survivors and children without one.

    Parameters
    ----------
    person
        Of the year: person_id, weight.
    baseline, reform
        Of `steelyard.panel.payments.benefits.benefits_of_year` on the same panel.

    Returns
    -------
    pyarrow.Table
        One row a decile: decile, persons, gain and lose (persons whose benefit of December changes
        by a dollar or more), baseline_benefit and reform_benefit (average dollars a month),
        change_percent of their sums; null for nobody.
    """
    ids = np.union1d(baseline["person_id"].to_numpy(), reform["person_id"].to_numpy())
    of_each = pa.table({"person_id": ids})
    weight = weight_of(person, of_each)
    before, after = (_at(ids, table, "total_benefit") for table in (baseline, reform))
    aime = np.maximum(_at(ids, baseline, "aime"), 0.0)
    has = aime > 0
    decile = np.zeros(len(ids), np.int64)
    decile[has] = weighted_decile(aime[has], weight[has])
    rows: list[dict[str, Any]] = []
    for each in range(DECILES + 1):
        among = decile == each
        old, new = mean(before, weight, among), mean(after, weight, among)
        rows.append(
            {
                "decile": each,
                "persons": float(weight[among].sum()),
                "gain": float(weight[among & (after >= before + 1)].sum()),
                "lose": float(weight[among & (after <= before - 1)].sum()),
                "baseline_benefit": old,
                "reform_benefit": new,
                "change_percent": 100 * (new / old - 1) if old and new is not None else None,
            }
        )
    kinds = [pa.int8(), *[pa.float64()] * 6]
    return pa.Table.from_pylist(rows, schema=pa.schema(list(zip(rows[0], kinds, strict=True))))


def _at(ids: Any, table: pa.Table, name: str) -> Floats:
    """Return a column by person, 0 for those who have no row, (n,)."""
    values = np.zeros(len(ids))
    values[np.searchsorted(ids, table["person_id"].to_numpy())] = table[name].to_numpy()
    return values
