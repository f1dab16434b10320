"""What each published table says, as arrays."""

from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline

from steelyard.panel import series
from steelyard.panel.lives import Floats
from steelyard.panel.series import SEXES, Bands, Table, Yearly

#: When new retired workers claim, without those whose disability benefit became one.
CLAIMS = (
    "age62",
    "age63",
    "age64",
    "age65_before_fra",
    "age66_before_fra",
    "age66_at_fra",
    "age66_after_fra",
    "age67_to_69",
    "age70_and_over",
)
#: The age after the last of births.
FERTILE = 50
#: The age of the risks by earnings of each sex.
RISK_AGES = (63, 65)
_MONEY = {"taxable_payroll": 1e9, "gdp": 1e9}


class DisabilityEnds(NamedTuple):
    """How disabled workers' benefits end, per worker and year."""

    deaths: float
    recoveries: float
    conversions: float


def birth_rates(table: Table) -> tuple[int, Floats]:
    """Read the first year, and births a year per woman (years, FERTILE) of each age.

    Within bands they follow the smooth curve whose sums are the published ones.

    Raises
    ------
    ValueError
        If a year, or a band between the lowest and the highest age, is missing.
    """
    years = sorted({int(year) for year in table["year"]})
    if years[-1] - years[0] >= len(years):
        raise ValueError(f"nchs_birth_rate: years must follow one another; has {years}")
    rates = np.zeros((len(years), FERTILE))
    for at, year in enumerate(years):
        rows = series.rows_where(table, year=year)
        lower, upper, births = (
            series.column(rows, name)
            for name in ("age_lower", "age_upper", "births_per_1000_women")
        )
        if (lower[1:] != upper[:-1]).any():
            raise ValueError(f"nchs_birth_rate: bands of {year} leave ages out; has {lower}")
        edges = np.concatenate([lower[:1], upper])
        sums = np.concatenate([[0], np.cumsum(births / 1000 * (upper - lower))])
        curve = CubicSpline(edges, sums, bc_type="clamped")
        rates[at] = np.diff(curve(np.clip(np.arange(FERTILE + 1), edges[0], edges[-1])))
        rates[at] = np.maximum(rates[at], 0)
        for low, high, total in zip(lower, upper, np.diff(sums), strict=True):
            ages = slice(int(low), int(high))
            rates[at, ages] *= total / rates[at, ages].sum()
    return years[0], rates


def relative_risk(table: Table) -> Floats:
    """Read the risk (2, 10) by decile of `RISK_AGES` over the mean of the deciles."""
    risk = np.stack(
        [
            series.column(series.rows_where(table, sex=sex, age=age), "annual_mortality_risk")
            for sex, age in zip(SEXES, RISK_AGES, strict=True)
        ]
    )
    return np.asarray(risk / risk.mean(axis=1, keepdims=True))


def vital(table: Table) -> Yearly:
    """Read couples marrying and divorcing per person and year."""
    names = ("marriages", "marriage_population", "divorces", "divorce_population")
    found = series.yearly("nchs_marriage_rate", table, dict.fromkeys(names, 1.0))
    count = found.series
    rates = {
        "marriages": count["marriages"] / count["marriage_population"],
        "divorces": count["divorces"] / count["divorce_population"],
    }
    return Yearly(found.name, found.first_year, rates)


def disability_ends(table: Table) -> DisabilityEnds:
    """Read the rates of the last year, over the mean of the workers before and after it."""
    last = series.last_rows(table)
    row = {name: float(last[name][0]) for name in last if name not in ("source", "vintage")}
    workers = (row["workers_before"] + row["workers_after"]) / 2
    return DisabilityEnds(
        row["deaths"] / workers, row["recoveries"] / workers, row["conversions"] / workers
    )


def paid(table: Table) -> Bands:
    """Read the beneficiaries of the last year, with their average benefits."""
    return series.bands(series.last_rows(table), average=True)


def beneficiaries(table: Table) -> dict[str, Floats]:
    """Read men, their average, women, theirs (4,) of the last year by type of benefit."""
    last = series.last_rows(table)
    amounts = ("male", "male_average", "female", "female_average")
    return {
        str(kind): np.array([float(last[name][at]) for name in amounts])
        for at, kind in enumerate(last["benefit_type"])
    }


def claims(table: Table) -> Floats:
    """Read the shares (2, len(CLAIMS)) of the last year, without conversions."""
    last = series.last_rows(table)
    percents = {
        str(name): [float(last[sex][at]) for sex in SEXES]
        for at, name in enumerate(last["category"])
    }
    found = np.array([percents[name] for name in CLAIMS]).T
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def workers(table: Table) -> dict[int, Bands]:
    """Read covered workers of each year."""
    years = sorted({int(year) for year in table["year"]})
    return {year: series.bands(series.rows_where(table, year=year)) for year in years}


def outlooks(table: Table) -> dict[str, Yearly]:
    """Read the series of each scenario, what is published before it."""
    keys = ("year", "scenario", "source", "vintage")
    scales = {name: _MONEY.get(name, 1.0) for name in table if name not in keys}
    known = series.rows_where(table, scenario="published")
    found = {}
    for scenario in ("low_cost", "intermediate", "high_cost"):
        ahead = series.rows_where(table, scenario=scenario)
        both = {name: [*known[name], *ahead[name]] for name in table}
        found[scenario] = series.yearly(f"ssa_trustees ({scenario})", both, scales)
    return found


def trust_fund(table: Table) -> Yearly:
    """Read receipts, outgo and assets in dollars."""
    keys = ("year", "source", "vintage")
    return series.yearly("ssa_trust_fund", table, {name: 1e6 for name in table if name not in keys})
