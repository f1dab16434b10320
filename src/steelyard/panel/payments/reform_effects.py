"""What a reform changes: year by year, and for whom."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.payments.finance import rows_of, weight_of
from steelyard.panel.payments.trust_fund import Balance
from steelyard.panel.series import SEXES

COMPARED = (
    "cost",
    "income",
    "taxable_payroll",
    "cost_rate",
    "income_rate",
    "balance_rate",
    "assets",
)
BALANCED = ("income_rate", "cost_rate", "actuarial_balance")
FIFTHS = 5
WINNERS = pa.schema(
    [
        ("sex", pa.string()),
        ("fifth", pa.int8()),
        ("record_count", pa.int64()),
        *(
            (name, pa.float64())
            for name in (
                "persons",
                "gain",
                "lose",
                "baseline_benefit",
                "reform_benefit",
                "change_percent",
            )
        ),
    ]
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
        columns |= _both(name, baseline, reform)
    return pa.table(columns)


def balance_difference(baseline: Balance, reform: Balance) -> pa.Table:
    """Return both balances and the reform's less the baseline's, one row.

    Parameters
    ----------
    baseline, reform
        Of the same years.

    Returns
    -------
    pyarrow.Table
        first_year and last_year of the horizon; of each of `BALANCED` both runs' and ``_change``;
        depletion years of both, null for none.

    Raises
    ------
    ValueError
        If the years differ.
    """
    years = [(each.first_year, each.last_year) for each in (baseline, reform)]
    if years[0] != years[1]:
        raise ValueError(
            f"baseline is balanced over {years[0]}, the reform over {years[1]}: compare the same "
            "years"
        )
    before, after = baseline.table(), reform.table()
    columns = {"first_year": before["first_year"], "last_year": before["last_year"]}
    for name in BALANCED:
        columns |= _both(name, before, after)
    columns["baseline_depletion_year"] = before["depletion_year"]
    columns["reform_depletion_year"] = after["depletion_year"]
    return pa.table(columns)


def _both(name: str, baseline: pa.Table, reform: pa.Table) -> dict[str, Any]:
    return {
        f"baseline_{name}": baseline[name],
        f"reform_{name}": reform[name],
        f"{name}_change": pc.subtract(reform[name], baseline[name]),
    }


def winners_and_losers(person: pa.Table, baseline: pa.Table, reform: pa.Table) -> pa.Table:
    """Return whose benefits of a year a reform raises or lowers, by sex and lifetime earnings.

    Fifths are of AIME under the baseline, among all with an own record together, by persons
    represented; fifth 0 is the others: spouses, survivors and children without one.

    Parameters
    ----------
    person
        Of the year: person_id, is_female, weight.
    baseline, reform
        Of `steelyard.panel.payments.benefits.benefits_of_year` on the same panel.

    Returns
    -------
    pyarrow.Table
        `WINNERS`, one row a sex and fifth: records and persons paid under either law; ``gain`` and
        ``lose``, persons whose benefit of December changes by a dollar or more; average dollars a
        month under both, and the change of their sums in percent, null for nobody.
    """
    ids = np.union1d(baseline["person_id"].to_numpy(), reform["person_id"].to_numpy())
    of_each = pa.table({"person_id": ids})
    weight = weight_of(person, of_each)
    female = person["is_female"].to_numpy(zero_copy_only=False)[rows_of(person, of_each)]
    before, after = (_at(ids, table, "total_benefit") for table in (baseline, reform))
    aime = np.maximum(_at(ids, baseline, "aime"), 0.0)
    has = aime > 0
    fifth = np.zeros(len(ids), np.int64)
    fifth[has] = weighted_group(aime[has], weight[has], FIFTHS)
    rows: list[dict[str, Any]] = []
    for sex in SEXES:
        for each in range(FIFTHS + 1):
            among = (fifth == each) & (female == (sex == "female"))
            old, new = mean(before, weight, among), mean(after, weight, among)
            rows.append(
                {
                    "sex": sex,
                    "fifth": each,
                    "record_count": int(among.sum()),
                    "persons": float(weight[among].sum()),
                    "gain": float(weight[among & (after >= before + 1)].sum()),
                    "lose": float(weight[among & (after <= before - 1)].sum()),
                    "baseline_benefit": old,
                    "reform_benefit": new,
                    "change_percent": 100 * (new / old - 1) if old and new is not None else None,
                }
            )
    return pa.Table.from_pylist(rows, schema=WINNERS)


def weighted_group(values: Floats, weights: Floats, groups: int) -> Ints:
    """Return which of so many equal groups, from 1 on, each value lies in, (n,).

    By persons represented, and by the middle of each person's own weight; who has the same value
    may lie in two groups.
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - weights[order] / 2
    group = np.empty(len(values), np.int64)
    whole = max(float(np.sum(weights)), np.finfo(float).tiny)
    group[order] = np.minimum(np.floor(reached / whole * groups), groups - 1) + 1
    return group


def mean(values: Floats, weights: Floats, among: Bools) -> float | None:
    """Return the weighted mean of some values, None of nobody's."""
    whole = float(weights[among].sum())
    return float((values[among] * weights[among]).sum()) / whole if whole > 0 else None


def _at(ids: Any, table: pa.Table, name: str) -> Floats:
    """Return a column by person, 0 for those who have no row, (n,)."""
    values = np.zeros(len(ids))
    values[np.searchsorted(ids, table["person_id"].to_numpy())] = table[name].to_numpy()
    return values
