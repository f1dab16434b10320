"""Who is paid what: beneficiaries by type, replacement by lifetime earnings, and survivors."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.payments.finance import is_paid, rows_of, weight_of
from steelyard.panel.series import SEXES

GROUPS = (
    "retired_worker",
    "disabled_worker",
    "spouse_of_retired",
    "spouse_of_disabled",
    "child_of_retired",
    "child_of_disabled",
    "child_of_deceased",
    "widow",
    "disabled_widow",
    "parent",
)
"""Types of benefit as SSA counts them, once a person (Statistical Supplement, Table 5.A1)."""
DECILES = 10
_BY_RECORD = ("spouse", "child")
Published = Mapping[tuple[str, str], tuple[float, float]]
"""Persons and average dollars a month by group and sex."""


def beneficiaries_by_type(
    person: pa.Table, benefits: pa.Table, published: Published | None = None
) -> pa.Table:
    """Return persons and average benefits by type and sex, beside those published.

    Whom the earnings test leaves nothing is not counted. Averages are of all that a person is
    paid: SSA counts the dually entitled once, as workers, with both benefits.

    Parameters
    ----------
    person, benefits
        Of one year: person_id, is_female, weight; of `payments.benefits.benefits_of_year`.
    published
        Persons and average benefit of `GROUPS` by sex; None for nulls.

    Returns
    -------
    pyarrow.Table
        One row a type and sex: benefit_group, sex, persons, average_benefit (dollars a month,
        null for nobody), published_persons, published_benefit.
    """
    paid = is_paid(benefits)
    weight = np.where(paid, weight_of(person, benefits), 0.0)
    female = _is_female(person, benefits)
    total = _floats(benefits, "total_benefit")
    group = _groups(benefits)
    known = published or {}
    rows: list[dict[str, Any]] = []
    for name in GROUPS:
        for sex in SEXES:
            chosen = (group == name) & (female == (sex == "female"))
            beside = known.get((name, sex), (None, None))
            rows.append(
                {
                    "benefit_group": name,
                    "sex": sex,
                    "persons": float(weight[chosen].sum()),
                    "average_benefit": mean(total, weight, chosen),
                    "published_persons": beside[0],
                    "published_benefit": beside[1],
                }
            )
    kinds = [pa.string(), pa.string(), *[pa.float64()] * 4]
    return pa.Table.from_pylist(rows, schema=pa.schema(list(zip(rows[0], kinds, strict=True))))


def replacement_rates(
    person: pa.Table, benefits: pa.Table, *, new_in: int | None = None
) -> pa.Table:
    """Return what own retirement benefits replace, by decile of lifetime earnings and sex.

    Deciles are of AIME among all these retired workers together, by persons represented; the rate
    is the column ``replacement_rate`` of `benefits`.

    Parameters
    ----------
    person, benefits
        As in `beneficiaries_by_type`, with birth_month.
    new_in
        Only who claimed a retirement benefit in this year; None for all.

    Returns
    -------
    pyarrow.Table
        One row a decile (1 lowest) and sex, and ``all`` sexes: decile, sex, persons, average_aime,
        average_benefit (all that is paid, dollars a month), replacement_rate; null for nobody.
    """
    chosen = (_texts(benefits, "benefit_type") == "retired_worker") & (
        _floats(benefits, "aime") > 0
    )
    if new_in is not None:
        born = _floats(person, "birth_month")[rows_of(person, benefits)]
        chosen &= (born + _floats(benefits, "claim_age_months")) // 12 == new_in
    chosen &= ~np.isnan(_floats(benefits, "replacement_rate"))
    few = benefits.filter(pa.array(chosen))
    weight, female = weight_of(person, few), _is_female(person, few)
    aime, total = _floats(few, "aime"), _floats(few, "total_benefit")
    rate, decile = _floats(few, "replacement_rate"), weighted_decile(aime, weight)
    rows: list[dict[str, Any]] = []
    for each in range(1, DECILES + 1):
        for sex in (*SEXES, "all"):
            among = (decile == each) & ((sex == "all") | (female == (sex == "female")))
            rows.append(
                {
                    "decile": each,
                    "sex": sex,
                    "persons": float(weight[among].sum()),
                    "average_aime": mean(aime, weight, among),
                    "average_benefit": mean(total, weight, among),
                    "replacement_rate": mean(rate, weight, among),
                }
            )
    kinds = [pa.int8(), pa.string(), *[pa.float64()] * 4]
    return pa.Table.from_pylist(rows, schema=pa.schema(list(zip(rows[0], kinds, strict=True))))


def survivors(person: pa.Table, benefits: pa.Table) -> pa.Table:
    """Return widow(er)s paid on a deceased worker's record, with and without an own benefit.

    Returns
    -------
    pyarrow.Table
        One row a sex and ``is_dually_entitled``: persons, and averages in dollars a month of
        own_benefit, auxiliary_benefit and total_benefit; null for nobody.
    """
    kind = _texts(benefits, "benefit_type")
    chosen = _texts(benefits, "record_type") == "deceased"
    chosen &= ~np.isin(kind, ["child", "parent"])
    few = benefits.filter(pa.array(chosen))
    weight, female = weight_of(person, few), _is_female(person, few)
    own = _floats(few, "own_benefit")
    rows: list[dict[str, Any]] = []
    for sex in SEXES:
        for dually in (False, True):
            among = (female == (sex == "female")) & ((own > 0) == dually)
            averages = {
                name: mean(_floats(few, name), weight, among)
                for name in ("own_benefit", "auxiliary_benefit", "total_benefit")
            }
            count = float(weight[among].sum())
            rows.append({"sex": sex, "is_dually_entitled": dually, "persons": count} | averages)
    kinds = [pa.string(), pa.bool_(), *[pa.float64()] * 4]
    return pa.Table.from_pylist(rows, schema=pa.schema(list(zip(rows[0], kinds, strict=True))))


def weighted_decile(values: Floats, weights: Floats) -> Ints:
    """Return the tenth, 1 to 10, that each value lies in by persons represented, (n,).

    By the middle of each person's own weight; who has the same value may lie in two tenths.
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - weights[order] / 2
    decile = np.empty(len(values), np.int64)
    whole = max(float(np.sum(weights)), np.finfo(float).tiny)
    decile[order] = np.minimum(np.floor(reached / whole * DECILES), DECILES - 1) + 1
    return decile


def mean(values: Floats, weights: Floats, among: Bools) -> float | None:
    """Return the weighted mean of some values, None of nobody's."""
    whole = float(weights[among].sum())
    return float((values[among] * weights[among]).sum()) / whole if whole > 0 else None


def _groups(benefits: pa.Table) -> Any:
    kind, record = _texts(benefits, "benefit_type"), _texts(benefits, "record_type")
    by_record = np.isin(kind, _BY_RECORD)
    return np.where(by_record, np.char.add(np.char.add(kind, "_of_"), record), kind)


def _is_female(person: pa.Table, benefits: pa.Table) -> Bools:
    female = person["is_female"].to_numpy(zero_copy_only=False)
    return np.asarray(female[rows_of(person, benefits)], np.bool_)


def _texts(table: pa.Table, name: str) -> Any:
    return np.asarray(table[name].to_pylist(), dtype=np.str_)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), np.float64)
